"""The rows of a CSV file, whichever program has saved it."""

import csv
from collections.abc import Iterator
from io import StringIO

from sdes.kit.sheets.limits import MOST_COLUMNS, Unreadable
from sdes.kit.spreadsheets import without_guard

_LONGEST_ROW = 256 * 1024  # characters


def rows_of_csv(content: bytes) -> Iterator[list[str]]:
    """The cells of one row after another. Refuses (`Unreadable`) what is no text, and rows that are too long or wide
    before they are cut into cells."""
    text = _decoded(content)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):  # how Excel is told the separator
        text = rest
        first = rest.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    lines = _Lines(text)
    try:
        for row in csv.reader(lines, delimiter=separator):
            lines.begin_row()
            if any(map(str.strip, row[MOST_COLUMNS + 1 :])):
                row[MOST_COLUMNS] = "too many"  # what reads on refuses this, and need not look at millions more
            yield [without_guard(cell) for cell in row[: MOST_COLUMNS + 1]]
    except csv.Error as cause:
        raise Unreadable("The file is no CSV file, or is damaged. Save it again as .csv or .xlsx.") from cause


class _Lines:
    """The lines of the text for the reader, who takes as many as make a row: within quotes a row goes on."""

    def __init__(self, text: str) -> None:
        self._lines = StringIO(text, newline="")
        self._left = _LONGEST_ROW
        self._row = 1

    def begin_row(self) -> None:
        self._left = _LONGEST_ROW
        self._row += 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._lines.readline(self._left + 1)
        if not line:
            raise StopIteration
        self._left -= len(line)
        if self._left < 0:
            raise Unreadable(f"Row {self._row:,} is too long to be read. Use the template's columns only.")
        return line


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
