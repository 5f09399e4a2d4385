"""Judges content by its leading bytes and, for containers, by the table of contents at the end; knows no names."""

import struct
from enum import Enum, auto

_HEAD = 64 << 10
_TAIL = 256 << 10

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SEVEN = b"7z\xbc\xaf\x27\x1c"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")

_PROGRAMS = (
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",  # Java class, universal Mach-O
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"#!",
)
_IMAGES = {
    "gif": (b"GIF87a", b"GIF89a"),
    "png": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
}
_PARTS = {"docx": "word/", "xlsx": "xl/"}
_STREAMS = {"doc": ("WordDocument",), "xls": ("Workbook", "Book")}
_NOT_TEXT = (*ZIP, SEVEN, OLE, b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF87a", b"GIF89a", b"{\\rtf", b"\x1f\x8b")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f")) + b"\x7f"


class Fault(Enum):
    """Why content is not taken."""

    OTHER = auto()  # it is something else than the name says
    PROGRAM = auto()
    LOCKED = auto()  # with a password
    MACROS = auto()
    CUT = auto()  # the end is missing, or its parts do not fit together


class Seen:
    """What is remembered of a file that streams by: its size, head and tail, NUL bytes, names of OLE streams."""

    def __init__(self) -> None:
        self.size = 0
        self.head = b""
        self.has_nul = False
        self.streams: set[str] = set()
        self._tail = bytearray()
        self._last = b""

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if len(self.head) < _HEAD:
            self.head += chunk[: _HEAD - len(self.head)]
        self.has_nul = self.has_nul or b"\0" in chunk
        if self.head.startswith(OLE):
            seam = self._last + chunk
            self.streams |= {name for name, mark in _MARKS.items() if mark in seam}
            self._last = seam[-64:]
        elif self.head.startswith(b"PK"):
            self._tail += chunk
            if len(self._tail) > 2 * _TAIL:
                del self._tail[:-_TAIL]

    @property
    def tail(self) -> bytes:
        return bytes(self._tail[-_TAIL:])


def judge(kind: str, seen: Seen) -> Fault | None:
    """What is wrong with the content of a file whose extension is `kind`, one of the fourteen; None if nothing is."""
    head = seen.head
    if _is_program(head):
        return Fault.PROGRAM
    if kind in ("txt", "csv", "dat"):
        return _judge_text(seen)
    if kind == "pdf":
        return None if head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-") else Fault.OTHER
    if kind in _IMAGES:
        return None if head.startswith(_IMAGES[kind]) else Fault.OTHER
    if kind == "7z":
        return None if head.startswith(SEVEN) else Fault.OTHER
    if kind in ("docx", "xlsx") and head.startswith(OLE) and "EncryptedPackage" in seen.streams:
        return Fault.LOCKED
    if kind in ("doc", "xls"):
        return _judge_office97(kind, seen)
    return _judge_zip(kind, seen)


def _is_program(head: bytes) -> bool:
    if head.startswith(_PROGRAMS):
        return True
    # A text may well begin with MZ; the header of a program is full of NUL bytes.
    return head.startswith(b"MZ") and b"\0" in head[:1024]


def _judge_text(seen: Seen) -> Fault | None:
    if seen.head.startswith(_NOT_TEXT):
        return Fault.OTHER
    if seen.head.startswith(_UTF16):
        text = seen.head[: len(seen.head) // 2 * 2].decode("utf-16", errors="replace")
        odd = sum(c in "\0\ufffd" for c in text)
        return Fault.OTHER if odd > 1 else None
    if seen.has_nul:
        return Fault.OTHER
    controls = len(seen.head) - len(seen.head.translate(None, _CONTROLS))
    return Fault.OTHER if controls * 100 > len(seen.head) else None


def _judge_office97(kind: str, seen: Seen) -> Fault | None:
    if not seen.head.startswith(OLE):
        return Fault.OTHER
    if "EncryptedPackage" in seen.streams:
        return Fault.LOCKED
    return None if seen.streams.intersection(_STREAMS[kind]) else Fault.OTHER


def _judge_zip(kind: str, seen: Seen) -> Fault | None:
    if not seen.head.startswith(ZIP):
        return Fault.OTHER
    entries = _zip_entries(seen.tail)
    if entries is None:
        return Fault.CUT
    if any(flags & 1 for flags, _ in entries):
        return Fault.LOCKED
    if kind == "zip":
        return None
    names = [name.replace("\\", "/").lower() for _, name in entries]
    if "[content_types].xml" not in names or not any(name.startswith(_PARTS[kind]) for name in names):
        return Fault.OTHER
    if any(name.endswith("vbaproject.bin") for name in names):
        return Fault.MACROS
    return None


def _zip_entries(tail: bytes) -> list[tuple[int, str]] | None:
    """(flags, name) of the members that the end of a zip lists; None where there is no end.

    A list longer than the tail is read from where the tail begins: the virus check opens such a file whole anyway.
    """
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        return None
    length = int(struct.unpack_from("<I", tail, end + 12)[0])
    listing = tail[max(0, end - length) : end] if length != 0xFFFFFFFF else tail[:end]
    at = 0 if listing.startswith(b"PK\x01\x02") else listing.find(b"PK\x01\x02")
    entries = []
    while 0 <= at <= len(listing) - 46 and listing.startswith(b"PK\x01\x02", at):
        flags, name_length, extra, comment = struct.unpack_from("<8xH18xHHH", listing, at)
        name = listing[at + 46 : at + 46 + name_length].decode("utf-8", errors="replace")
        entries.append((flags, name))
        at += 46 + name_length + extra + comment
    return entries


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-le") + b"\0\0"


_MARKS = {name: _utf16(name) for name in ("WordDocument", "Workbook", "Book", "EncryptedPackage")}
