"""The rows of a sheet of an XLSX workbook, once its parts are found to be such as spreadsheet programs make."""

import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import IO, Any, BinaryIO

from openpyxl import load_workbook

from sdes.kit.sheets.limits import MOST_COLUMNS, Unreadable

_MOST_UNPACKED = 60 * 1024 * 1024  # bytes of a workbook's parts; 20,000 rows of ten columns need about 20 MB
_MOST_BESIDE = 1024 * 1024  # bytes of one part that holds no cells: openpyxl makes trees of these
_CELLS = ("xl/worksheets/", "xl/sharedstrings.xml")
_MOST_PARTS = 200
_PIECE = 1 << 18
_DOCTYPES = tuple("<!DOCTYPE".encode(coding) for coding in ("utf-8", "utf-16-le", "utf-16-be"))
_LONGEST_MARK = max(len(mark) for mark in _DOCTYPES)


def rows_of_workbook(content: bytes, preferred: str) -> Iterator[Iterable[Any]]:
    """The values of one row after another, of the sheet `preferred` or else the first. Refuses (`Unreadable`) what is
    no workbook or is made to exhaust its reader."""
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
    except (Unreadable, MemoryError):
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
            if any(part.file_size > _MOST_BESIDE and not part.filename.lower().startswith(_CELLS) for part in parts):
                raise Unreadable("The workbook holds too much beside its rows. Save its rows as .csv and send that.")
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable("The workbook has a password. Save it without one.")
            for part in parts:
                with archive.open(part) as packed:
                    if _has_doctype(packed):
                        raise Unreadable("The workbook is not as spreadsheet programs make it. Save its rows as .csv.")
    except (Unreadable, MemoryError):
        raise
    except Exception as cause:
        raise Unreadable("The workbook is damaged or cannot be read. Save it again, or as .csv.") from cause


def _has_doctype(packed: IO[bytes]) -> bool:
    """Whether it stands anywhere in the part. Codings in which it looks otherwise remain: for those openpyxl reads
    with defusedxml, which takes no words that a file defines."""
    before = b""
    while piece := packed.read(_PIECE):
        seen = before + piece
        if any(mark in seen for mark in _DOCTYPES):
            return True
        before = seen[1 - _LONGEST_MARK :]
    return False
