"""A report as CSV and XLSX: the columns of its page, all of its rows."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import IO, Any

from sdes.kit.spreadsheets import csv_lines, growing_workbook
from sdes.kit.temporary import temporary_file
from sdes.sdep.queries.reports.portal import Volume
from sdes.sdep.reports.kinds import Column, Report

MOST = 100_000  # rows in one file

Batches = AsyncIterator[list[dict[str, Any]]]


async def as_csv(report: Report, batches: Batches) -> IO[bytes]:
    """The whole report as an open file, which lies nowhere: closing it removes it."""
    heading = [column.heading for column in report.columns]
    with temporary_file() as file:
        file.write("".join(csv_lines([heading])).encode())
        async for rows in _cells(report, batches):
            file.write("".join(islice(csv_lines(rows), 1, None)).encode())  # without a second mark of the encoding
    return file


async def as_workbook(report: Report, batches: Batches) -> IO[bytes]:
    """The same as a workbook."""
    columns = {one.heading: one.width for one in report.columns}
    with temporary_file() as file:
        async with growing_workbook(report.title[:31].replace(":", ""), columns) as book:
            async for rows in _cells(report, batches):
                await asyncio.to_thread(book.append, rows)
            await asyncio.to_thread(book.save, file)
    return file


def volume_rows(found: Iterable[Volume]) -> Iterator[tuple[object, ...]]:
    """The heading, and the numbers of each company in each process type."""
    yield (
        *("SDES User", "Process", "Contact type", "Fuel", "Messages", "Begun"),
        *("Responses due", "In time", "Overdue now"),
    )
    for one in found:
        yield (
            *(one.company, one.process, one.contact_type, one.fuel, one.messages, one.opened),
            *(one.due, one.in_time, one.overdue),
        )


async def _cells(report: Report, batches: Batches) -> AsyncIterator[list[list[Any]]]:
    """The rows, in batches; the last says so where the file is full."""
    total = 0
    async for batch in batches:
        yield [list(_line(report.columns, row)) for row in batch]
        total = batch[0]["total"]
    if total > MOST:
        yield [
            [f"The first {MOST:,} rows of {total:,}. Ask for fewer days, one MPID or one process to get the others."]
        ]


def _line(columns: tuple[Column, ...], row: dict[str, Any]) -> Iterator[Any]:
    for column in columns:
        value = row[column.key]
        yield "" if value is None else value
