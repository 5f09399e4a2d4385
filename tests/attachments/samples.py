"""Files to check, good and hostile, each built when asked for: the EICAR test file never lies in the repository."""

import io
import os
import struct
import zipfile
from typing import Any

import openpyxl
import py7zr

CONTENT_TYPES = "[Content_Types].xml"


def eicar() -> bytes:
    """The harmless file that every virus scanner reports, put together from two halves."""
    return rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, **options: Any) -> bytes:
    """A zip of `members`; `force_zip64` as an option writes ZIP64 sizes into their headers."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            with archive.open(zipfile_info(name, method), "w", **options) as member:
                member.write(content)
    return out.getvalue()


def zipfile_info(name: str, method: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (2026, 11, 2, 9, 0, 0))
    info.compress_type = method
    return info


def seven(members: dict[str, bytes], filters: list[dict[str, Any]] | None = None, password: str | None = None) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", filters=filters, password=password) as archive:
        for name, content in members.items():
            archive.writestr(content, name)
    return out.getvalue()


def nested(inner: bytes, times: int, name: str = "inner.txt") -> bytes:
    """`inner` inside `times` zips, one in the other."""
    for _ in range(times):
        inner, name = zipped({name: inner}), "inner.zip"
    return inner


def as_encrypted(archive: bytes) -> bytes:
    """The zip with the flag of encryption set on every member, here and in the table of contents."""
    data = bytearray(archive)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(signature, at + 4)
    return bytes(data)


def with_method(archive: bytes, method: int) -> bytes:
    """The zip with another packing method written into every header, such as 98 for PPMd or 95 for xz."""
    data = bytearray(archive)
    for signature, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.find(signature)
        while at >= 0:
            struct.pack_into("<H", data, at + place, method)
            at = data.find(signature, at + 4)
    return bytes(data)


def docx(**more: bytes) -> bytes:
    return zipped({CONTENT_TYPES: b"<Types/>", "word/document.xml": b"<w:document/>"} | more)


def xlsx(rows: int = 3) -> bytes:
    """A genuine workbook of 12 columns."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in range(rows):
        sheet.append([row, *(f"Reading {row} of register {column}" for column in range(5)), *range(6)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ole(*streams: str, first: bytes = b"") -> bytes:
    """A small OLE2 file with the named streams, each 4096 bytes; `first` begins the first of them."""
    sectors = [bytearray(b"\xff" * 512)]  # sector 0: the table of sectors
    directory = bytearray(_ole_entry("Root Entry", 5, 0xFFFFFFFE, 0))
    start = 2
    for stream in streams:
        directory += _ole_entry(stream, 2, start, 4096)
        start += 8
    directory += bytes(512 - len(directory))
    content = first.ljust(4096, b"\0") + bytes(4096 * max(0, len(streams) - 1))
    table = [0xFFFFFFFD, 0xFFFFFFFE] + [0xFFFFFFFE if n % 8 == 7 else n + 3 for n in range(8 * len(streams))]
    struct.pack_into(f"<{len(table)}I", sectors[0], 0, *table)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(10) + struct.pack("<IIIIIIIII", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    header += b"\xff" * (512 - len(header))
    return header + bytes(sectors[0]) + bytes(directory) + content


def _ole_entry(name: str, kind: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    entry = (
        encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded), kind, 1) + struct.pack("<III", *[0xFFFFFFFF] * 3)
    )
    return entry + bytes(36) + struct.pack("<II", start, size) + bytes(4)


def random_bytes(size: int) -> bytes:
    return os.urandom(size)
