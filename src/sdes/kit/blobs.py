"""The store of sealed files (SD 8.3): a local folder or a container of Azure Blob Storage, behind one class.

obstore is called synchronously in threads: its own async calls abort the interpreter at exit.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import obstore
from obstore.exceptions import BaseError

from sdes.kit.errors import Full, Unavailable

if TYPE_CHECKING:
    from obstore import WritableFile
    from obstore.store import ObjectStore

log = logging.getLogger(__name__)

T = TypeVar("T")

# Small parts, one in flight: what one upload holds in memory stays small, also when the store is slow.
MARK = "this-is-the-store-of-attachments"  # lies in a local folder, so that a missing volume is seen
_PART = 1 << 20
_PARTS_IN_FLIGHT = 1
_REMOVED_AT_ONCE = 16
PATIENCE = 60.0  # seconds for one answer of the store, waiting for a thread included; one that trickles takes longer
_LEAST_ROOM = 20 << 20  # bytes; what two messages may carry
# Of their own: a store that hangs holds them all, and those of the process check passwords and look at the scanner.
_threads = ThreadPoolExecutor(24, thread_name_prefix="blobs")
_GONE = "The store of attachments does not answer, so nothing was saved. Try again in a few minutes."
_FULL = "The store of attachments is full: what is there can be downloaded, and nothing can be added."
_UNREADABLE = "The store of attachments does not answer, so the file cannot be read now. Try again in a few minutes."


@dataclass(frozen=True)
class Stored:
    """One blob as the listing shows it: `size` in bytes, `last_modified` aware UTC."""

    key: str
    size: int
    last_modified: datetime


class Blobs:
    """What the application does with the store. Every failure of the store is `Unavailable`; the log has its cause."""

    def __init__(self, store: "ObjectStore", folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @property
    def folder(self) -> Path | None:
        """Where a store in a local folder lies; None for any other."""
        return self._folder

    def writer(self, key: str) -> "BlobWriter":
        """A writer of the new blob `key` (letters, digits, `-`, `_`, `/`); nothing is there before its `close`."""
        return BlobWriter(self._store, key, self._folder)

    async def read_range(self, key: str, start: int, end: int) -> bytes:
        """The bytes from `start` up to, not including, `end`; fewer where the blob is shorter."""
        return await _in_thread(lambda: bytes(obstore.get_range(self._store, key, start=start, end=end)), _UNREADABLE)

    async def delete(self, key: str) -> None:
        """Removes the blob; one that is not there is fine."""

        def remove() -> None:
            with suppress(FileNotFoundError):
                obstore.delete(self._store, key)

        await _in_thread(remove, _GONE)

    async def delete_all(self, keys: Iterable[str]) -> None:
        """Removes many blobs, some at a time; those that are not there are fine."""
        waiting = list(keys)
        for start in range(0, len(waiting), _REMOVED_AT_ONCE):
            await asyncio.gather(*(self.delete(key) for key in waiting[start : start + _REMOVED_AT_ONCE]))

    async def keys(self, prefix: str | None = None) -> AsyncIterator[Stored]:
        """Every blob, or every one below the folder `prefix`."""
        pages = await _in_thread(lambda: iter(obstore.list(self._store, prefix)), _UNREADABLE)
        while (page := await _in_thread(lambda: next(pages, None), _UNREADABLE)) is not None:
            for blob in page:
                if blob["path"] == MARK:
                    continue
                yield Stored(blob["path"], blob["size"], blob["last_modified"])

    async def ping(self) -> None:
        """Returns if the store answers and its container or folder is there; else raises Unavailable, or Full where
        a folder's disk has no room for more."""

        def look() -> None:
            if self._folder is not None:
                _insist_on(self._folder)
                if not os.access(self._folder, os.R_OK | os.W_OK | os.X_OK):
                    raise PermissionError(f"{self._folder} may not be written to")
            next(iter(obstore.list(self._store, chunk_size=1)), None)

        await _in_thread(look, _GONE)
        if self._folder is not None and await _in_thread(partial(_room, self._folder), _GONE) < _LEAST_ROOM:
            raise Full(_FULL)


class BlobWriter:
    """Writes one blob as it streams in. As a context: closes at the end, aborts when an error passes by."""

    def __init__(self, store: "ObjectStore", key: str, folder: Path | None) -> None:
        self._key = key
        self._folder = folder
        self._file: WritableFile | None = obstore.open_writer(
            store, key, buffer_size=_PART, max_concurrency=_PARTS_IN_FLIGHT
        )

    async def write(self, data: bytes) -> None:
        """Takes the next bytes; they may still be on their way when it returns."""
        file = self._opened()
        await _in_thread(lambda: file.write(data), _GONE)

    async def close(self) -> None:
        """Completes the blob: only now it is there. Also brings errors of earlier writes."""
        file = self._opened()
        self._file = None

        def complete() -> None:
            if self._folder is not None:
                _insist_on(self._folder)
            file.close()
            if self._folder is not None:
                _keep(self._folder, self._key)

        await _in_thread(complete, _GONE)

    async def abort(self) -> None:
        """Drops what was written. A folder removes its partial file at once, Azure its loose blocks within a week."""
        # obstore has no abort: an unclosed writer that is let go cancels the upload.
        self._file = None

    async def __aenter__(self) -> "BlobWriter":
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            await self.abort()
        elif self._file is not None:
            await self.close()

    def _opened(self) -> "WritableFile":
        if self._file is None:
            raise ValueError("This writer is closed.")
        return self._file


def _insist_on(folder: Path) -> None:
    """A folder that has gone is not made anew: it may be a volume that is not mounted now."""
    if not (folder / MARK).exists():
        raise FileNotFoundError(f"{folder} is not the store that it was at the start: {MARK} is missing in it")


def _room(folder: Path) -> int:
    """Bytes that can still be written there."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def _keep(folder: Path, key: str) -> None:
    """Makes a blob in a local folder private to us and safe from a power cut, both of which obstore leaves out."""
    path = folder / key
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fchmod(handle, 0o600)
        os.fsync(handle)
    finally:
        os.close(handle)
    for parent in path.parents:
        handle = os.open(parent, os.O_RDONLY)
        try:
            os.fchmod(handle, 0o700)
            os.fsync(handle)
        finally:
            os.close(handle)
        if parent == folder:
            break


async def _in_thread(work: Callable[[], T], sentence: str) -> T:
    try:
        async with asyncio.timeout(PATIENCE):  # what has begun ends by itself, by the store's own bounds
            return await asyncio.get_running_loop().run_in_executor(_threads, work)
    except (BaseError, OSError, ValueError) as error:
        log.error("blob store: %s: %s", type(error).__name__, _first_line(error))
        raise Unavailable(sentence) from error


def _first_line(error: Exception) -> Any:
    return str(error).split("\n", 1)[0]
