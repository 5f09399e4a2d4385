"""Files on their way out: one, or many as one .zip; decrypted piece by piece, never whole in memory."""

import io
import zipfile
from collections.abc import AsyncIterator, Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from litestar.response import Stream

from sdes.attachments.queries import Content
from sdes.attachments.vault import Vault


async def download(content: Content, vault: Vault) -> Stream:
    """One file as an answer; a store that does not answer is `Unavailable` before the first byte."""
    pieces = vault.reading(content.id, content.blob, content.wrapped_key, content.size)
    return _answer(await _started(pieces), content.name, "application/octet-stream", content.size)


async def download_zip(contents: Iterable[Content], vault: Vault, name: str) -> Stream:
    """The files as one .zip, stored rather than compressed: most are compressed already."""
    return _answer(await _started(_zipped(list(contents), vault)), name, "application/zip")


async def _started(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, the first of them fetched by now, so that a failure can still be told as a page."""
    first = await anext(pieces, b"")

    async def rest() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return rest()


async def _zipped(contents: list[Content], vault: Vault) -> AsyncIterator[bytes]:
    sink = _Sink()
    taken: set[str] = set()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for content in contents:
            with archive.open(zipfile.ZipInfo(_unused(content.name, taken)), "w", force_zip64=False) as member:
                async for piece in vault.reading(content.id, content.blob, content.wrapped_key, content.size):
                    member.write(piece)
                    yield sink.taken()
            yield sink.taken()
    yield sink.taken()


def _unused(name: str, taken: set[str]) -> str:
    """The name, numbered when the archive has one like it."""
    path, number, candidate = PurePath(name), 1, name
    while candidate.lower() in taken:
        number += 1
        candidate = f"{path.stem} ({number}){path.suffix}"
    taken.add(candidate.lower())
    return candidate


class _Sink(io.RawIOBase):
    """A file to write only, emptied as it fills."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        data = bytes(self._written)
        self._written.clear()
        return data


def _answer(pieces: AsyncIterator[bytes], name: str, kind: str, size: int | None = None) -> Stream:
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
    }
    if size is not None:
        headers["Content-Length"] = str(size)
    return Stream(pieces, media_type=kind, headers=headers)
