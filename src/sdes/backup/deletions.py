"""The list of deletions as backups carry it: what was deleted for good stays so, whichever backup comes back (SD 14.4).

The list beside the present files is never replaced, only added to: what any list names is forgotten again.
"""

import json
import logging
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from sdes.attachments.vault import LEDGER, ROLL
from sdes.backup.manifest import proven
from sdes.backup.parts import opened
from sdes.backup.shelf import Shelf
from sdes.kit.blobs import Blobs
from sdes.kit.blobstores import open_store
from sdes.kit.crypto import MasterKey
from sdes.kit.errors import Refused

log = logging.getLogger(__name__)

PART = "deletions"

Notes = Mapping[str, str]  # as they lie in the store: key and words


async def notes_in(blobs: Blobs) -> dict[str, str]:
    """Every note of the store."""
    return {
        stored.key: (await blobs.read_range(stored.key, 0, stored.size)).decode() async for stored in blobs.keys(LEDGER)
    }


async def as_lines(notes: Notes) -> AsyncIterator[bytes]:
    """The notes as they are sealed with the backup."""
    for key, words in notes.items():
        yield (json.dumps([key, words]) + "\n").encode()


def notes_of(backup: Path, master: MasterKey) -> dict[str, str]:
    """The notes that a backup carries."""
    manifest, keys = proven(backup, master)
    lines = b"".join(opened(backup / PART, keys.of(PART), manifest.parts[PART])).decode().splitlines()
    return dict(json.loads(line) for line in lines)


def notes_on(shelf: Shelf, backup: Path, master: MasterKey) -> dict[str, str]:
    """The notes of every backup on a shelf: an earlier one may tell of what the list had lost when `backup` was taken.
    A later one that cannot be read is refused: what it alone tells would come back."""
    notes: dict[str, str] = {}
    for one in shelf.backups():
        try:
            notes |= notes_of(one, master)
        except Refused as cause:
            if one.name == backup.name:
                raise
            if one.name < backup.name:
                log.warning("the deletions that the earlier backup %s tells of are left out: %s", one.name, cause)
                continue
            raise Refused(
                f"The deletions that the later backup {one.name} tells of cannot be read. {cause} If it cannot be "
                "mended, move it off the shelf, and name the newest list of deletions that there is with --deletions."
            ) from cause
    return notes


async def notes_at(place: str, master: MasterKey, account_key: str | None = None) -> dict[str, str]:
    """The notes at `place`: another shelf, of which the newest backup must be readable, or a store of files, by its
    folder or its address."""
    if "://" in place:
        return await notes_in(open_store(place, account_key))
    return _notes_below(Path(place), master)


async def add(blobs: Blobs, notes: Notes) -> int:
    """Adds to the store's list the notes that it lacks; gives how many."""
    there = {stored.key async for stored in blobs.keys(LEDGER)}
    lacking = [key for key in notes if key not in there and key.startswith(f"{LEDGER}/") and ".." not in key]
    for key in lacking:
        async with blobs.writer(key) as blob:
            await blob.write(notes[key].encode())
    return len(lacking)


def _notes_below(folder: Path, master: MasterKey) -> dict[str, str]:
    if not folder.is_dir():
        raise Refused(f"There is no folder {folder} with deletions.")
    if backups := Shelf(folder).backups():
        return notes_on(Shelf(folder), backups[-1], master)
    told = folder / LEDGER
    if not told.is_dir() and not (folder / ROLL).is_dir():  # one that has forgotten nothing yet has its roll
        raise Refused(f"The folder {folder} holds neither backups nor a store of files with its {LEDGER}/.")
    return {str(one.relative_to(folder)): one.read_text() for one in told.rglob("*") if one.is_file()}
