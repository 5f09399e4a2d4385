"""Tells whether an OLE2 file (.doc, .xls, or a locked .docx, .xlsx) is protected with a password."""

import struct
from typing import BinaryIO

_END = 0xFFFFFFFA  # sector numbers from here on are marks, not sectors
_LONGEST_DIRECTORY = 4096  # sectors; bounds a directory whose chain runs in a circle
_FILEPASS = 0x2F
_BOF = 0x0809


def is_locked(file: BinaryIO) -> bool | None:
    """True if its content is encrypted, None where the file is damaged; looks at the directory and two streams."""
    try:
        return _is_locked(file)
    except (struct.error, IndexError, ValueError):
        return None


def _is_locked(file: BinaryIO) -> bool:
    file.seek(0)
    header = file.read(512)
    size = 1 << struct.unpack_from("<H", header, 30)[0]
    if size not in (512, 4096):
        raise ValueError("sector size")

    def sector(number: int) -> bytes:
        file.seek((number + 1) * size)
        data = file.read(size)
        if not data:
            raise ValueError("beyond the end")
        return data

    table = [n for n in struct.unpack_from("<109I", header, 76) if n < _END]
    following: dict[int, tuple[int, ...]] = {}

    def after(number: int) -> int:
        page, place = divmod(number, size // 4)
        if page >= len(table):
            return _END  # larger than what an attachment may be
        if page not in following:
            following[page] = struct.unpack(f"<{size // 4}I", sector(table[page]))
        return int(following[page][place])

    number = struct.unpack_from("<I", header, 48)[0]
    for _ in range(_LONGEST_DIRECTORY):
        if number >= _END:
            return False
        directory = sector(number)
        for at in range(0, size, 128):
            length, start = struct.unpack_from("<64xH50xI", directory, at)
            name = directory[at : at + max(0, length - 2)].decode("utf-16-le", "replace")
            stream_size = struct.unpack_from("<I", directory, at + 120)[0]
            if name == "EncryptedPackage":
                return True
            # Streams under 4096 bytes lie elsewhere; a real document's are padded to more than that.
            if stream_size >= 4096 and _stream_is_locked(name, sector(start)):
                return True
        number = after(number)
    raise ValueError("directory without end")


def _stream_is_locked(name: str, first: bytes) -> bool:
    if name == "WordDocument":
        return bool(struct.unpack_from("<H", first, 10)[0] & 0x0100)  # fEncrypted of the file's header
    if name not in ("Workbook", "Book"):
        return False
    at = 0
    while at <= len(first) - 4:  # FILEPASS stands among the first records of the workbook
        kind, length = struct.unpack_from("<HH", first, at)
        if kind == _FILEPASS:
            return True
        if at == 0 and kind != _BOF:
            return False
        at += 4 + length
    return False
