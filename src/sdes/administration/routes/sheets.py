"""Spreadsheets at the doors of administration: one file on its way in, and files on their way out."""

import asyncio
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from litestar import Response

from sdes.kit.forms import TooLarge, without_control_characters
from sdes.kit.sheets_read import MOST_BYTES
from sdes.kit.spreadsheets import XLSX, Rows, csv_lines, workbook

DRAIN = 4 * MOST_BYTES  # what is read and dropped so that the browser hears the answer; beyond it the line is cut


class OneFile:
    """A `kit.forms.FileSink` that holds one file in memory, of at most `MOST_BYTES`."""

    def __init__(self) -> None:
        self.name = ""
        self.content = bytearray()
        self._files = 0
        self._size = 0

    @property
    def problem(self) -> str:
        """Why the file is not read further; empty when it can be."""
        if not self._files:
            return "Choose a .csv or .xlsx file"
        if self._files > 1:
            return "Choose one file only"
        if self._size > MOST_BYTES:
            return "The file is larger than 10 MB. Send it in parts"
        return "" if self._size else "The file is empty"

    async def begin(self, filename: str) -> None:
        self._files += 1
        self.name = without_control_characters(PurePath(filename.replace("\\", "/")).name)[:255]

    async def write(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > DRAIN:
            raise TooLarge("The file is far larger than the 10 MB that are read. Nothing was changed.")
        if self._size <= MOST_BYTES:
            self.content += piece

    async def end(self) -> None: ...


def csv_file(name: str, rows: Rows) -> Response[str]:
    """The rows as a CSV file to download."""
    return Response("".join(csv_lines(rows)), media_type="text/csv; charset=utf-8", headers=_headers(f"{name}.csv"))


async def workbook_file(name: str, sheets: Iterable[tuple[str, Rows]]) -> Response[Any]:
    """The sheets (title, rows) as a workbook to download."""
    content = await asyncio.to_thread(workbook, [(title, list(rows)) for title, rows in sheets])
    return Response(content, media_type=XLSX, headers=_headers(f"{name}.xlsx"))


def _headers(filename: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"}
