"""Spreadsheets out: CSV that a spreadsheet program cannot be tricked into running."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

BOM = "\ufeff"  # tells Excel that the file is UTF-8
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The rows as CSV, a line at a time, every field quoted. Text that a spreadsheet would take for a formula gets a
    leading apostrophe (OWASP); numbers are left alone."""
    yield BOM
    buffer = StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow([_guarded(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _guarded(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip(" \u00a0").startswith(_RISKY):
        return f"'{value}"
    return value
