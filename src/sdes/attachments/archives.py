"""Opens .zip, .docx, .xlsx and .7z whole, member by member, within bounds; what cannot be opened whole is refused.

Runs in the process of its own that `sdes.attachments.inspection` starts. Members are held in memory, never on disk.
"""

import struct
import zipfile
from collections.abc import Callable
from typing import BinaryIO

from sdes.attachments.contents import OLE, SEVEN, ZIP
from sdes.attachments.legacyoffice import is_locked
from sdes.kit.limited_child import memory_file

LARGEST = 150 << 20  # all members together, unpacked; a workbook of 100,000 rows needs about 60 MiB
MOST_MEMBERS = 2000
DEEPEST = 4  # archive in archive
_PIECE = 1 << 18
_LOCAL = struct.Struct("<4s2xHH16xHH")  # of a member's own header: signature, flags, method, name length, extra length


class CannotOpen(Exception):
    """The archive cannot be looked at whole. `why`: locked, damaged, method, deep, large or many."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class WalkEnded(Exception):
    """What `look` raises to end the walk; any other error of `look` is its cause."""


class Bounds:
    """What is left of the bounds that all members of one attachment share."""

    def __init__(self, largest: int = LARGEST, most: int = MOST_MEMBERS) -> None:
        self._bytes = largest
        self._members = most

    def take(self, size: int) -> None:
        self._bytes -= size
        if self._bytes < 0:
            raise CannotOpen("large")

    def member(self) -> None:
        self._members -= 1
        if self._members < 0:
            raise CannotOpen("many")

    @property
    def left(self) -> int:
        return self._bytes


def held_in_memory() -> BinaryIO:
    """An empty file that exists in memory only: plain text never lies on a disk (SD 8.3)."""
    return memory_file("attachment")


def walk(file: BinaryIO, look: Callable[[BinaryIO], None], bounds: Bounds | None = None, depth: int = 0) -> None:
    """Calls `look` with every member of `file`, and of each archive in it; raises CannotOpen where it cannot.

    A file that is no archive has no members. `look` may raise WalkEnded.
    """
    bounds = bounds or Bounds()

    def member(content: BinaryIO) -> None:
        content.seek(0)
        try:
            look(content)
        except WalkEnded:
            raise
        except Exception as error:  # an error of ours, never to be taken for a damaged archive
            raise WalkEnded from error
        walk(content, look, bounds, depth + 1)

    file.seek(0)
    head = file.read(8)
    if head.startswith(ZIP):
        _enter(depth)
        _open_zip(file, member, bounds)
    elif head.startswith(SEVEN):
        _enter(depth)
        _open_seven(file, member, bounds)
    elif head.startswith(OLE):
        match is_locked(file):
            case True:
                raise CannotOpen("locked")
            case None:
                raise CannotOpen("damaged")
    elif _has_zip_appended(file):
        _enter(depth)
        _open_zip(file, member, bounds, at_start=False)


def _enter(depth: int) -> None:
    if depth >= DEEPEST:
        raise CannotOpen("deep")


def _has_zip_appended(file: BinaryIO) -> bool:
    """Whether an image, PDF or the like is a zip as well. One that only looks so by chance cannot be opened."""
    if not zipfile.is_zipfile(file):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            return bool(archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        return False


def _open_zip(file: BinaryIO, member: Callable[[BinaryIO], None], bounds: Bounds, *, at_start: bool = True) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise CannotOpen("many")
            if any(info.flag_bits & 0x41 for info in members):
                raise CannotOpen("locked")
            if at_start:
                _refuse_unlisted(file, archive)
            for info in members:
                bounds.member()
                _unpack(archive, info, member, bounds)
    except (CannotOpen, WalkEnded):
        raise
    except NotImplementedError as error:
        raise CannotOpen("method") from error
    except MemoryError as error:
        raise CannotOpen("large") from error
    except RuntimeError as error:  # how zipfile says that a password is needed
        raise CannotOpen("locked") from error
    except Exception as error:
        raise CannotOpen("damaged") from error


def _unpack(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, member: Callable[[BinaryIO], None], bounds: Bounds
) -> None:
    said = info.file_size
    # zipfile stops at the size that the archive states; other programs go on. So read all there is and compare.
    info.file_size = bounds.left + 2 * _PIECE  # never reached: the bounds end it before
    size = 0
    with held_in_memory() as content:
        with archive.open(info) as packed:
            while piece := packed.read(_PIECE):
                bounds.take(len(piece))
                size += len(piece)
                content.write(piece)
        if size != said:
            raise CannotOpen("damaged")
        if size:
            member(content)


def _refuse_unlisted(file: BinaryIO, archive: zipfile.ZipFile) -> None:
    """Refuses members that the table of contents does not list, or lists otherwise: other programs may unpack them."""
    at = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        _refuse_header_between(file, at, info.header_offset)
        file.seek(info.header_offset)
        signature, flags, method, name, extra = _LOCAL.unpack(file.read(_LOCAL.size))
        if signature != ZIP[0] or method != info.compress_type:
            raise CannotOpen("damaged")
        if flags & 1:
            raise CannotOpen("locked")
        at = max(at, info.header_offset + _LOCAL.size + name + extra + info.compress_size)
    _refuse_header_between(file, at, archive.start_dir)


def _refuse_header_between(file: BinaryIO, start: int, end: int) -> None:
    if start < end:
        file.seek(start)
        if ZIP[0] in file.read(end - start):
            raise CannotOpen("damaged")


def _open_seven(file: BinaryIO, member: Callable[[BinaryIO], None], bounds: Bounds) -> None:
    import py7zr  # here, since it is slow to load and most files need it not
    from py7zr.io import Py7zIO, WriterFactory

    class Member(Py7zIO):
        """Takes one member as it is unpacked; py7zr closes it when its checksum was right."""

        def __init__(self) -> None:
            self._content = held_in_memory()

        def write(self, s: bytes | bytearray) -> int:
            bounds.take(len(s))
            return self._content.write(s)

        def close(self) -> None:
            with self._content:
                if self._content.tell():
                    member(self._content)

        def read(self, size: int | None = None) -> bytes:
            return b""

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

        def flush(self) -> None:
            pass

        def size(self) -> int:
            return self._content.tell()

        def seekable(self) -> bool:
            return False

    class Members(WriterFactory):
        def create(self, filename: str) -> Py7zIO:
            return Member()

    file.seek(0)
    try:
        with py7zr.SevenZipFile(file) as archive:
            if archive.needs_password():
                raise CannotOpen("locked")
            for entry in archive.files:
                bounds.member()
                # py7zr would pass over the content of what calls itself a folder or a socket.
                if (entry.is_directory or entry.is_socket) and not entry.emptystream:
                    raise CannotOpen("damaged")
            archive.extractall(factory=Members())
    except (CannotOpen, WalkEnded):
        raise
    except py7zr.exceptions.PasswordRequired as error:
        raise CannotOpen("locked") from error
    except py7zr.exceptions.UnsupportedCompressionMethodError as error:
        raise CannotOpen("method") from error
    except MemoryError as error:
        raise CannotOpen("large") from error
    except Exception as error:
        raise CannotOpen("damaged") from error
