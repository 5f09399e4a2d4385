"""The sealed files of a backup: copied as they lie in the store, each once a shelf, and listed with their checksums."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sdes.backup.parts import sha256_of
from sdes.backup.shelf import keep
from sdes.kit.blobs import Blobs
from sdes.kit.errors import Full, Unavailable

_AT_ONCE = 8
_MISSING = "-"
_OURS = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{30}(\.new)?")  # as the vault names a file, and a draft of ours

T = TypeVar("T")


@dataclass(frozen=True)
class File:
    """A sealed file: `size` in bytes as it lies there. `sha256` is empty where the store did not have it."""

    key: str
    size: int
    sha256: str = ""

    async def lies_in(self, folder: Path) -> bool:
        """Whether it is there as it was copied, every byte of it."""
        try:
            return bool(self.sha256) and await asyncio.to_thread(sha256_of, folder / self.key) == self.sha256
        except OSError:
            return False


async def take(blobs: Blobs, wanted: Iterable[File], folder: Path, known: Mapping[str, File]) -> list[File]:
    """Copies the files that `folder` lacks out of the store; gives all of them with their checksums. `known` are those
    of an earlier backup: what lies there as it was copied then is not copied again, and what has rotted since is."""

    async def one(file: File) -> File:
        before = known.get(file.key)
        if before and before.size == file.size and await before.lies_in(folder):
            return before
        content = await _read(blobs, file)
        if content is None:
            return File(file.key, file.size)
        await asyncio.to_thread(_write, folder / file.key, content)
        return File(file.key, file.size, hashlib.sha256(content).hexdigest())

    return await _some_at_a_time(one, wanted)


async def put_back(blobs: Blobs, files: Iterable[File], folder: Path) -> int:
    """Copies files into the store, where they are not there already as they should be; gives how many."""

    async def one(file: File) -> None:
        content = await asyncio.to_thread((folder / file.key).read_bytes)
        async with blobs.writer(file.key) as blob:
            await blob.write(content)

    needed = await lacking(blobs, files)
    await _some_at_a_time(one, needed)
    return len(needed)


async def lacking(blobs: Blobs, files: Iterable[File]) -> list[File]:
    """What of `files` the store does not have as it should be."""
    sizes = {stored.key: stored.size async for stored in blobs.keys(None)}

    async def one(file: File) -> File | None:
        there = await _read(blobs, file) if sizes.get(file.key) == file.size else None
        return None if there is not None and hashlib.sha256(there).hexdigest() == file.sha256 else file

    return [file for file in await _some_at_a_time(one, files) if file]


async def damaged(files: Iterable[File], folder: Path) -> list[File]:
    """What of `files` does not lie in `folder` as it was copied."""

    async def one(file: File) -> File | None:
        return None if await file.lies_in(folder) else file

    return [file for file in await _some_at_a_time(one, files) if file]


def forget(folder: Path, named: set[str]) -> int:
    """Removes from a shelf's files what no kept backup names; gives how many. What is not named as ours are stays."""
    removed = 0
    for path in folder.glob("*/*"):
        key = str(path.relative_to(folder))
        if key not in named and _OURS.fullmatch(key) and path.is_file():
            path.unlink()
            removed += 1
    return removed


async def as_lines(files: Iterable[File]) -> AsyncIterator[bytes]:
    """The list of files as it is sealed with the backup."""
    for file in files:
        yield f"{file.sha256 or _MISSING} {file.size} {file.key}\n".encode()


def from_lines(pieces: Iterable[bytes]) -> list[File]:
    """The list that `as_lines` wrote."""
    found = []
    for line in b"".join(pieces).decode().splitlines():
        sha256, size, key = line.split(" ", 2)
        found.append(File(key, int(size), "" if sha256 == _MISSING else sha256))
    return found


async def _read(blobs: Blobs, file: File) -> bytes | None:
    """The sealed bytes, a few MB at most; None where the store does not have them whole. `Unavailable` when it does not
    answer at all."""
    try:
        content = await blobs.read_range(file.key, 0, file.size)
    except Unavailable:
        with suppress(Full):  # it is only read from
            await blobs.ping()  # the store is there: only this one is not
        return None
    return content if len(content) == file.size else None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.write_bytes(content)
    draft.chmod(0o600)
    keep(draft)
    draft.replace(path)


async def _some_at_a_time(work: Callable[[File], Awaitable[T]], files: Iterable[File]) -> list[T]:
    waiting, done = list(files), []
    for start in range(0, len(waiting), _AT_ONCE):
        done += await asyncio.gather(*(work(file) for file in waiting[start : start + _AT_ONCE]))
    return done
