"""What every blob store must do, in a folder as in Azure: each function takes empty-named `Blobs` and asserts."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from sdes.kit.blobs import Blobs, Stored
from sdes.kit.crypto import CHUNK, Sealer, sealed_size, unseal
from sdes.kit.errors import Unavailable

MIB = 1 << 20


async def sealed_files_come_back(blobs: Blobs) -> None:
    for size in (0, 1, CHUNK, CHUNK + 1, 10 * MIB):
        plain, key, name = os.urandom(size), os.urandom(32), _name()
        sealer = Sealer(key)
        async with blobs.writer(name) as writer:
            for start in range(0, size, 65536):
                for chunk in sealer.push(plain[start : start + 65536]):
                    await writer.write(chunk)
            await writer.write(sealer.finish())

        async def read(start: int, end: int, name: str = name) -> bytes:
            return await blobs.read_range(name, start, end)

        assert b"".join([chunk async for chunk in unseal(key, read, size)]) == plain
        assert [stored.size for stored in await _listed(blobs) if stored.key == name] == [sealed_size(size)]
        await blobs.delete(name)


async def ranges_are_read(blobs: Blobs) -> None:
    content, name = os.urandom(3 * MIB + 7), _name()
    async with blobs.writer(name) as writer:
        await writer.write(content)
    for start, end in ((0, 1), (MIB - 1, 2 * MIB + 1), (3 * MIB, 3 * MIB + 7)):
        assert await blobs.read_range(name, start, end) == content[start:end]
    assert await blobs.read_range(name, 3 * MIB, 4 * MIB) == content[3 * MIB :]
    await blobs.delete(name)


async def nothing_is_there_before_close(blobs: Blobs) -> None:
    for size in (10, 3 * MIB):
        name = _name()
        writer = blobs.writer(name)
        await writer.write(os.urandom(size))
        assert name not in [stored.key for stored in await _listed(blobs)]
        await writer.abort()
        with pytest.raises(ValueError, match="closed"):
            await writer.write(b"more")
        with pytest.raises(RuntimeError):  # noqa: PT012 (the block is what is tested)
            async with blobs.writer(name) as writer:
                await writer.write(os.urandom(size))
                raise RuntimeError
        assert name not in [stored.key for stored in await _listed(blobs)]
        with pytest.raises(Unavailable):
            await blobs.read_range(name, 0, 1)


async def deleting_twice_is_fine(blobs: Blobs) -> None:
    name = _name()
    async with blobs.writer(name) as writer:
        await writer.write(b"x")
    await blobs.delete(name)
    await blobs.delete(name)
    assert name not in [stored.key for stored in await _listed(blobs)]


async def the_listing_has_times(blobs: Blobs) -> None:
    names = {_name() for _ in range(3)}
    for name in names:
        async with blobs.writer(name) as writer:
            await writer.write(b"12345")
    found = {stored.key: stored for stored in await _listed(blobs)}
    assert names <= set(found)
    for name in names:
        assert found[name].size == 5
        assert abs(found[name].last_modified - datetime.now(UTC)) < timedelta(minutes=1)
        await blobs.delete(name)


async def it_answers(blobs: Blobs) -> None:
    await blobs.ping()


async def _listed(blobs: Blobs) -> list[Stored]:
    return [stored async for stored in blobs.keys()]  # noqa: SIM118 (no dictionary)


def _name() -> str:
    return f"{uuid4().hex[:2]}/{uuid4().hex}"


ALL: dict[str, Callable[[Blobs], Awaitable[None]]] = {
    check.__name__: check
    for check in (
        sealed_files_come_back,
        ranges_are_read,
        nothing_is_there_before_close,
        deleting_twice_is_fine,
        the_listing_has_times,
        it_answers,
    )
}
