"""Backups of a few words, made without a house."""

import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from sdes.backup import deletions, files
from sdes.backup.files import File
from sdes.backup.manifest import Manifest, new_keys, write
from sdes.backup.parts import seal
from sdes.backup.shelf import FILES, opened
from sdes.kit.crypto import MasterKey

MASTER = MasterKey("ours", bytes(32))


async def put_by(shelf: Path, taken_at: datetime, parts: Mapping[str, Iterable[bytes]]) -> Path:
    """A whole backup with these parts, sealed."""
    with opened(shelf) as ours:
        name, draft = ours.begin(taken_at)
        keys = new_keys(MASTER, name)
        sealed = {part: await seal(draft / part, keys.of(part), _stream(words)) for part, words in parts.items()}
        times = {"taken_at": taken_at, "finished_at": taken_at}
        versions = {"migration": "0020", "postgres": 18, "dumped_by": 18, "key_id": MASTER.id}
        counts = {"rows": {"message": 3}, "files": 0, "files_size": 0, "missing": 0}
        manifest = Manifest(name=name, wrapped_key=keys.wrapped, parts=sealed, **times, **versions, **counts)  # type: ignore[arg-type]
        write(draft, manifest, keys)
        return ours.complete(name, draft)


async def put_by_with_files(
    shelf: Path, taken_at: datetime, contents: Mapping[str, bytes], notes: Mapping[str, str] | None = None
) -> Path:
    """A whole backup of files, by their keys, and of deletions."""
    listed = []
    with opened(shelf):
        pass  # and the folder of files is ours
    for key, content in contents.items():
        listed.append(File(key, len(content), hashlib.sha256(content).hexdigest()))
        (shelf / FILES / key).parent.mkdir(parents=True, exist_ok=True)
        (shelf / FILES / key).write_bytes(content)
    lines = [line async for line in files.as_lines(listed)]
    told = [line async for line in deletions.as_lines(notes or {})]
    return await put_by(shelf, taken_at, {FILES: lines, deletions.PART: told})


async def _stream(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
