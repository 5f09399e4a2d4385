"""The sealed parts of a backup on the disk (SD 8.3): written as they stream by, read only as they were written."""

import hashlib
import os
from collections.abc import AsyncIterable, Iterator
from pathlib import Path

from sdes.backup.manifest import Damaged, Part
from sdes.kit.crypto import SealBroken, Sealer, open_chunk, sealed_ranges, sealed_size

_AT_ONCE = 1 << 20


async def seal(path: Path, key: bytes, plain: AsyncIterable[bytes]) -> Part:
    """Seals `plain` into the new file `path`; nothing of it lies there unsealed. `key` seals this part, once."""
    sealer, size, digest = Sealer(key), 0, hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        async for piece in plain:
            size += len(piece)
            for sealed in sealer.push(piece):
                digest.update(sealed)
                file.write(sealed)
        last = sealer.finish()
        digest.update(last)
        file.write(last)
    return Part(size, digest.hexdigest())


def opened(path: Path, key: bytes, part: Part) -> Iterator[bytes]:
    """The plain bytes of a part in pieces, as they are asked for; Damaged before any byte that was not sealed."""
    name, what = path.parent.name, f"its part {path.name}"
    try:
        with path.open("rb") as file:
            if path.stat().st_size != sealed_size(part.size):
                raise Damaged(name, f"{what} is not as long as it was.")
            ranges = list(sealed_ranges(part.size))
            for number, (start, end) in enumerate(ranges):
                yield open_chunk(key, number, number == len(ranges) - 1, file.read(end - start))
    except SealBroken as cause:
        raise Damaged(name, f"{what} was altered.") from cause
    except OSError as cause:
        raise Damaged(name, f"{what} cannot be read ({cause.strerror}).") from cause


def sha256_of(path: Path) -> str:
    """The checksum of a file, however large; OSError where it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_AT_ONCE):
            digest.update(piece)
    return digest.hexdigest()
