"""Spreadsheets in: a CSV or XLSX file that somebody sends as rows of text, whatever it was made to do to its reader.

It is read in a process of its own with bounds of memory and time, so that a bomb harms nobody else.
"""

import subprocess
import threading

import msgspec

from sdes.kit import limited_child
from sdes.kit.errors import Unavailable
from sdes.kit.sheets import child
from sdes.kit.sheets.limits import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Sheet, Unreadable

__all__ = ["MOST_BYTES", "MOST_COLUMNS", "MOST_ROWS", "Sheet", "Unreadable", "read_sheet"]

WALL_SECONDS = 90.0
WAIT_SECONDS = 10.0  # for one's turn
# Each may hold half a gigabyte.
_at_once = threading.BoundedSemaphore(2)

_TOO_LONG = "The file takes too long to read. Send it in parts, saved as .csv."
_DAMAGED = "The file is damaged or cannot be read. Save it again, or as .csv."


class _Said(msgspec.Struct):
    rows: Sheet = []
    unreadable: str = ""


def read_sheet(content: bytes, preferred: str = "") -> Sheet:
    """The rows of a CSV file, or of the sheet `preferred` of a workbook (its first sheet where there is none of that
    name), as trimmed text. The n-th item is the n-th row of the file; rows after the last with text are left out.

    Refuses (`Unreadable`) what is neither, is too large, or is made to exhaust its reader. Formulas count as the value
    that was saved with them. Synchronous, and slow for large files: call it in a thread; at most two are read at once.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable("The file is larger than 10 MB. Send it in parts.")
    if not _at_once.acquire(timeout=WAIT_SECONDS):
        raise Unreadable("Other files are being read at the moment. Send it again in a minute.")
    try:
        said = _asked_of_child(content, preferred)
    finally:
        _at_once.release()
    if said.unreadable:
        raise Unreadable(said.unreadable)
    return said.rows


def _asked_of_child(content: bytes, preferred: str) -> _Said:
    with limited_child.memory_file("spreadsheet") as file:
        file.write(content)
        try:
            ended = limited_child.run(child.__name__, preferred, file=file, seconds=WALL_SECONDS)
        except subprocess.TimeoutExpired as cause:
            raise Unreadable(_TOO_LONG) from cause
        except OSError as cause:
            raise Unavailable("Files cannot be read at the moment. Nothing was saved. Send it again later.") from cause
    if ended.took_too_long:
        raise Unreadable(_TOO_LONG)
    if ended.has_crashed:
        raise Unreadable(_DAMAGED)
    if ended.status:
        raise RuntimeError(f"no rows from the reading process ({ended.status}): {ended.complaint}")
    return msgspec.json.decode(ended.said, type=_Said)
