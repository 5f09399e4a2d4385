"""The audit log of administration as CSV and XLSX, written piece by piece, however long it is."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path

from sdes.actor import Actor
from sdes.administration.audit.filter import AuditFilter
from sdes.administration.audit.words import AuditLine
from sdes.administration.queries.audit import audit_batches
from sdes.kit.spreadsheets import csv_lines, growing_workbook

MOST = 100_000  # entries in one file
COLUMNS = {  # and their widths in a workbook
    "When (UK local time)": 26,
    "Who": 24,
    "Company": 24,
    "Action": 28,
    "Event": 36,
    "Subject": 14,
    "Detail": 60,
}
PIECE = 64 * 1024  # bytes


async def audit_csv(actor: Actor, asked: AuditFilter) -> AsyncIterator[str]:
    """The entries asked for, newest first."""
    yield "".join(csv_lines([COLUMNS]))
    async for rows in _rows(actor, asked):
        yield "".join(islice(csv_lines(rows), 1, None))  # without a second mark of the file's encoding


async def audit_xlsx(actor: Actor, asked: AuditFilter) -> AsyncIterator[bytes]:
    """The same as a workbook, which is whole before its first byte is sent."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audit.xlsx"
        async with growing_workbook("Audit", COLUMNS) as book:
            async for rows in _rows(actor, asked):
                await asyncio.to_thread(book.append, rows)
            await asyncio.to_thread(book.save, path)
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


async def _rows(actor: Actor, asked: AuditFilter) -> AsyncIterator[list[tuple[object, ...]]]:
    """The entries as rows, in batches; the last says so where the file is full."""
    count = 0
    async for batch in audit_batches(actor, asked, MOST):
        count += len(batch)
        full = [(f"The newest {MOST:,} entries. Ask for fewer days to get the others.",)] if count == MOST else []
        yield [*(_row(line) for line in batch), *full]


def _row(line: AuditLine) -> tuple[object, ...]:
    return (line.at, line.who, line.company, line.words, line.event, line.subject, line.detail)
