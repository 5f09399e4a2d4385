"""Spreadsheets in: a CSV or XLSX file that somebody sends as rows of text, whatever it was made to do to its reader."""

import csv
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from io import BytesIO, StringIO
from time import monotonic
from typing import Any, BinaryIO

from openpyxl import load_workbook

from sdes.kit.errors import SdesError
from sdes.kit.forms import without_control_characters
from sdes.kit.spreadsheets import without_guard

MOST_BYTES = 10 * 1024 * 1024  # of the file
MOST_ROWS = 20_000  # beside the heading
MOST_COLUMNS = 50
_FARTHEST = 3 * MOST_ROWS  # rows, empty ones too: a workbook may name one far below and nothing before it
_MOST_UNPACKED = 60 * 1024 * 1024  # bytes of a workbook's parts; 20,000 rows of ten columns need about 20 MB
_MOST_PARTS = 200
_MOST_SECONDS = 30.0
_LONGEST_CELL = 32_767
_DOCTYPES = tuple("<!DOCTYPE".encode(coding) for coding in ("utf-8", "utf-16-le", "utf-16-be"))

Sheet = list[list[str]]  # rows of cells, the heading first


class Unreadable(SdesError):
    """The file cannot be read as a spreadsheet; the text says why and what to do."""

    status = 422
    title = "The file could not be read"


def read_sheet(content: bytes, preferred: str = "") -> Sheet:
    """The rows of a CSV file, or of the sheet `preferred` of a workbook (its first sheet where there is none of that
    name), as trimmed text. The n-th item is the n-th row of the file; rows after the last with text are left out.

    Refuses (`Unreadable`) what is neither, is too large, or is made to exhaust its reader. Formulas count as the value
    that was saved with them. Synchronous and slow for large files: call it in a thread.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable("The file is larger than 10 MB. Send it in parts.")
    if content.startswith(b"PK"):
        rows = _rows_of_workbook(content, preferred)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("This is an old .xls workbook, or one with a password. Save it as .xlsx or .csv, without one.")
    else:
        rows = _rows_of_csv(content)
    sheet: Sheet = []
    ends_at = monotonic() + _MOST_SECONDS
    for number, row in enumerate(rows, 1):
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if number % 256 == 0 and monotonic() > ends_at:
            raise Unreadable("The file takes too long to read. Save its rows as .csv and send that.")
        if number > _FARTHEST or (cells and number > MOST_ROWS + 1):
            raise Unreadable(f"The file has more than {MOST_ROWS:,} rows. Send it in parts, without empty rows below.")
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(f"Row {number} has more than {MOST_COLUMNS} columns. Use the template's columns only.")
        sheet.extend([[]] * (number - 1 - len(sheet)))  # the rows without text before it keep their places
        sheet.append(cells)
    return sheet


def _rows_of_csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):  # how Excel is told the separator
        text = rest
        first = rest.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=separator):
            yield [without_guard(cell) for cell in row]
    except csv.Error as cause:
        raise Unreadable("The file is no CSV file, or is damaged. Save it again as .csv or .xlsx.") from cause


def _decoded(content: bytes) -> str:
    """Text in UTF-8, in UTF-16 with its mark, or as Western Windows programs save it."""
    codings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for coding in codings:
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("The file is neither a CSV file nor an .xlsx workbook. Save it as one of these.")


def _rows_of_workbook(content: bytes, preferred: str) -> Iterator[Iterable[Any]]:
    _refuse_bomb(BytesIO(content))
    book: Any = None
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        found = [sheet for sheet in book.worksheets if sheet.title == preferred] or book.worksheets
        if not found:
            raise Unreadable("The workbook has no sheet with rows.")
        sheet = found[0]
        sheet.reset_dimensions()  # what the file states of its size is not believed
        yield from sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
    except Unreadable:
        raise
    except Exception as cause:  # whatever a reader of XML and ZIP may say of a broken file
        raise Unreadable("The workbook is damaged or cannot be read. Save it again, or as .csv.") from cause
    finally:
        if book:
            book.close()


def _refuse_bomb(file: BinaryIO) -> None:
    """Refuses what unpacks to more than a reader can hold, and XML that defines words of its own (which multiply).

    zipfile gives no more of a part than the archive states, so what is stated can be counted on.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
                raise Unreadable("The workbook is too large to be read. Save its rows as .csv and send that.")
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable("The workbook has a password. Save it without one.")
            for part in parts:
                with archive.open(part) as packed:
                    head = packed.read(4096)
                    if any(mark in head for mark in _DOCTYPES):
                        raise Unreadable("The workbook is not as spreadsheet programs make it. Save its rows as .csv.")
    except Unreadable:
        raise
    except Exception as cause:
        raise Unreadable("The workbook is damaged or cannot be read. Save it again, or as .csv.") from cause


def _text(value: Any) -> str:
    """A cell as text: whole numbers without a point, days as 2026-11-22."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return without_control_characters(str(value)[:_LONGEST_CELL]).strip()
