"""Workbooks as programs make them, and such with parts exchanged as none would."""

import zipfile
from io import BytesIO
from typing import Any

from openpyxl import Workbook


def made(*rows: list[Any], title: str = "People", before: str = "") -> bytes:
    book = Workbook()
    book.active.title = before or title
    sheet = book.create_sheet(title) if before else book.active
    for row in rows:
        sheet.append(row)
    whole = BytesIO()
    book.save(whole)
    return whole.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The workbook with parts exchanged or added; `sheet1` stands for its first sheet."""
    whole = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            name = info.filename.rpartition("/")[2].removesuffix(".xml")
            new.writestr(info.filename, parts.pop(name, None) or old.read(info))
        for name, text in parts.items():
            new.writestr(f"xl/{name}.xml", text)
    return whole.getvalue()


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as book:
        return book.read(name)
