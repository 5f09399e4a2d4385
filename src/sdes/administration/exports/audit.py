"""The audit log of administration as CSV and XLSX, written piece by piece, however long it is."""

import asyncio
from collections.abc import AsyncIterator
from itertools import islice
from typing import IO

from sdes.actor import Actor
from sdes.administration.audit.filter import AuditFilter
from sdes.administration.audit.words import AuditLine
from sdes.administration.queries.audit import audit_batches
from sdes.kit.spreadsheets import csv_lines, growing_workbook
from sdes.kit.temporary import temporary_file

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


async def audit_csv(actor: Actor, asked: AuditFilter) -> AsyncIterator[str]:
    """The entries asked for, newest first."""
    yield "".join(csv_lines([COLUMNS]))
    async for rows in _rows(actor, asked):
        yield "".join(islice(csv_lines(rows), 1, None))  # without a second mark of the file's encoding


async def audit_xlsx(actor: Actor, asked: AuditFilter) -> IO[bytes]:
    """The same as a workbook: an open file, which is whole before its first byte is sent."""
    with temporary_file() as file:
        async with growing_workbook("Audit", COLUMNS) as book:
            async for rows in _rows(actor, asked):
                await asyncio.to_thread(book.append, rows)
            await asyncio.to_thread(book.save, file)
    return file


async def _rows(actor: Actor, asked: AuditFilter) -> AsyncIterator[list[tuple[object, ...]]]:
    """The entries as rows, in batches; the last says so where the file is full."""
    count = 0
    async for batch in audit_batches(actor, asked, MOST):
        count += len(batch)
        full = [(f"The newest {MOST:,} entries. Ask for fewer days to get the others.",)] if count == MOST else []
        yield [*(_row(line) for line in batch), *full]


def _row(line: AuditLine) -> tuple[object, ...]:
    return (line.at, line.who, line.company, line.words, line.event, line.subject, line.detail)
