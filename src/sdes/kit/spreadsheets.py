"""Spreadsheets out: CSV and XLSX that a spreadsheet program cannot be tricked into running."""

import asyncio
import csv
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from io import BytesIO, StringIO
from threading import Lock
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from sdes.kit import clock
from sdes.kit.characters import without_control_characters

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM = "\ufeff"  # tells Excel that the file is UTF-8
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST = 32_767  # characters that a cell of a workbook holds
_MOMENT = "yyyy-mm-dd hh:mm"  # how a workbook shows one; it keeps the seconds
_WIDTHS = (12, 60)  # of columns, in characters: the narrowest and the widest

Rows = Iterable[Iterable[Any]]


def csv_lines(rows: Rows) -> Iterator[str]:
    """The rows as CSV, a line at a time, every field quoted. Text that a spreadsheet would take for a formula gets a
    leading apostrophe (OWASP); numbers are left alone. Moments are ISO 8601 in UK local time, with their offset."""
    yield BOM
    buffer = StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow([_guarded(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def workbook(sheets: Iterable[tuple[str, Rows]]) -> bytes:
    """A workbook of these sheets (title, rows), the first row of each in bold and always in sight. Text stays text:
    no cell is a formula. Moments are dates of the workbook, in UK local time. Synchronous: 20,000 rows take seconds, so
    call it in a thread."""
    book = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        lines = [list(row) for row in rows]
        for number, width in enumerate(_widths(lines)):
            sheet.column_dimensions[chr(ord("A") + number)].width = width
        for number, line in enumerate(lines):
            sheet.append([_cell(sheet, value, is_bold=number == 0) for value in line])
    whole = BytesIO()
    book.save(whole)
    return whole.getvalue()


class GrowingWorkbook:
    """A workbook of one sheet to which rows are added as they come; they lie in a file meanwhile, however many.
    Text stays text, as in `workbook`. Synchronous: call its methods in a thread. Use `growing_workbook`."""

    def __init__(self, title: str, columns: dict[str, int]) -> None:
        """`columns`: the heading of each and its width in characters."""
        self._one_at_a_time = Lock()  # a thread goes on when whoever waited for it is cancelled
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(title)
        self._sheet.freeze_panes = "A2"
        for number, width in enumerate(columns.values()):
            self._sheet.column_dimensions[chr(ord("A") + number)].width = width
        try:
            self._add(columns, is_bold=True)
        except BaseException:
            self.close()
            raise

    def append(self, rows: Rows) -> None:
        with self._one_at_a_time:
            for row in rows:
                self._add(row, is_bold=False)

    def save(self, file: IO[bytes]) -> None:
        with self._one_at_a_time:
            self._book.save(file)

    def close(self) -> None:
        """Removes the file, where saving has not done it: the reader may have gone away before, or the disk be full."""
        with self._one_at_a_time:
            if not self._sheet._writer:
                return
            if not self._sheet.closed:
                with suppress(Exception):  # of a file that cannot be ended the rest is written nowhere
                    self._sheet.close()
            with suppress(FileNotFoundError, ValueError):  # it is gone
                self._sheet._writer.cleanup()  # openpyxl offers no other way

    def _add(self, row: Iterable[Any], *, is_bold: bool) -> None:
        self._sheet.append([_cell(self._sheet, value, is_bold=is_bold) for value in row])


@asynccontextmanager
async def growing_workbook(title: str, columns: dict[str, int]) -> AsyncIterator[GrowingWorkbook]:
    """A `GrowingWorkbook` whose file is gone after the block, however it ends."""
    book = await asyncio.to_thread(GrowingWorkbook, title, columns)
    try:
        yield book
    finally:
        await asyncio.to_thread(book.close)


def without_guard(text: str) -> str:
    """The text without the apostrophe that `csv_lines` gave it, for files that come back."""
    return text[1:] if text.startswith("'") and _is_risky(text[1:]) else text


def _cell(sheet: Any, value: Any, *, is_bold: bool) -> Any:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, without_control_characters(value)[:_LONGEST])
        cell.data_type = "s"  # whatever it looks like
    elif isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, clock.local(value).replace(tzinfo=None))  # a workbook knows no zones
        cell.number_format = _MOMENT
    else:
        cell = WriteOnlyCell(sheet, value)
    if is_bold:
        cell.font = Font(bold=True)
    return cell


def _widths(lines: list[list[Any]]) -> Iterator[int]:
    narrowest, widest = _WIDTHS
    for column in list(zip(*lines, strict=False))[:26]:
        yield min(max(narrowest, *(len(str(value)) + 2 for value in column[:100])), widest)


def _guarded(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.local(value).isoformat(timespec="seconds")
    return f"'{value}" if isinstance(value, str) and _is_risky(value) else value


def _is_risky(text: str) -> bool:
    return text.lstrip("' \u00a0").startswith(_RISKY)
