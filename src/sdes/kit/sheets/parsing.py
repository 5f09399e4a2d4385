"""A file's rows as a sheet of text, within the limits."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sdes.kit.characters import without_control_characters
from sdes.kit.sheets.csv_rows import rows_of_csv
from sdes.kit.sheets.limits import MOST_COLUMNS, MOST_ROWS, MOST_TEXT, Sheet, Unreadable
from sdes.kit.sheets.workbook_rows import rows_of_workbook

_FARTHEST = 3 * MOST_ROWS  # rows, empty ones too: a workbook may name one far below and nothing before it
_LONGEST_CELL = 32_767


def sheet_of(content: bytes, preferred: str = "") -> Sheet:
    """What `sheets_read.read_sheet` gives, taken from the file in this very process: not for one that serves others."""
    if content.startswith(b"PK"):
        return _within_limits(rows_of_workbook(content, preferred))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("This is an old .xls workbook, or one with a password. Save it as .xlsx or .csv, without one.")
    return _within_limits(rows_of_csv(content))


def _within_limits(rows: Iterable[Iterable[Any]]) -> Sheet:
    sheet: Sheet = []
    text_left = MOST_TEXT
    for number, row in enumerate(rows, 1):
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if number > _FARTHEST or (cells and number > MOST_ROWS + 1):
            raise Unreadable(f"The file has more than {MOST_ROWS:,} rows. Send it in parts, without empty rows below.")
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(f"Row {number} has more than {MOST_COLUMNS} columns. Use the template's columns only.")
        text_left -= sum(map(len, cells))
        if text_left < 0:
            raise Unreadable("The file holds more text than can be read. Send it in parts.")
        sheet.extend([[]] * (number - 1 - len(sheet)))  # the rows without text before it keep their places
        sheet.append(cells)
    return sheet


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
