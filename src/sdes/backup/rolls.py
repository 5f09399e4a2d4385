"""Where rolls lie: the newest beside the files, written by the worker, and one with each backup."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from sdes.attachments.vault import ROLL, Vault
from sdes.backup import roll
from sdes.backup.manifest import Damaged, proven
from sdes.backup.parts import opened
from sdes.backup.roll import Roll
from sdes.backup.shelf import Shelf, shelf_of
from sdes.kit.blobs import Blobs
from sdes.kit.blobstores import open_store
from sdes.kit.crypto import MasterKey, SealBroken
from sdes.kit.errors import Refused

PART = "roll"
_ANYWAY = "`sdes restore --as-it-was` restores without it: whatever was taken away after the backup counts again then."


async def keep(vault: Vault) -> bool:
    """Writes the present roll beside the files where it says anything new, and takes older ones away; whether it did.
    `Unavailable` when the store does not answer."""
    there = await _there(vault.blobs)
    says = await roll.says()  # before the roll itself: what changes in between is written the next time
    if there and there[-1].endswith(f"-{says}"):
        return False
    now = await roll.called()
    name = f"{ROLL}/{now.at:%Y%m%dT%H%M%S%fZ}-{says}"
    content = await asyncio.to_thread(roll.sealed, vault.master, name, now)
    async with vault.blobs.writer(name) as blob:
        await blob.write(content)
    await vault.blobs.delete_all(there)  # whatever their names: the clock may have been put back
    return True


async def as_part(present: Roll) -> AsyncIterator[bytes]:
    """The roll as it is sealed with a backup."""
    yield roll.as_bytes(present)


async def newest(backup: Path, vault: Vault, place: str | None = None, account_key: str | None = None) -> Roll | None:
    """The newest roll that there is beside the files, of the backups after this one on its shelf, and at `place`,
    another shelf or store; refuses where the newest cannot be read."""
    found = [*_on(shelf_of(backup), vault.master, after=backup.name), await _in(vault.blobs, vault.master)]
    if place:
        found += await _at(place, vault.master, account_key)
    return max((one for one in found if one), key=lambda one: one.at, default=None)


async def _in(blobs: Blobs, master: MasterKey) -> Roll | None:
    there = await _there(blobs)
    if not there:
        return None
    (size,) = [stored.size async for stored in blobs.keys(ROLL) if stored.key == there[-1]]
    return _read(master, there[-1], await blobs.read_range(there[-1], 0, size))


async def _there(blobs: Blobs) -> list[str]:
    return sorted([stored.key async for stored in blobs.keys(ROLL)])


def _on(shelf: Shelf, master: MasterKey, after: str) -> list[Roll]:
    """Those of the backups after one, the newest that has any."""
    for one in reversed(shelf.backups()):
        if one.name <= after:
            break
        try:
            manifest, keys = proven(one, master)
            if PART in manifest.parts:  # not in those of earlier versions
                return [roll.from_bytes(b"".join(opened(one / PART, keys.of(PART), manifest.parts[PART])))]
        except Damaged as damage:
            raise Refused(f"The roll of the later backup {one.name} cannot be read. {damage} {_ANYWAY}") from damage
    return []


async def _at(place: str, master: MasterKey, account_key: str | None) -> list[Roll | None]:
    if "://" in place:
        return [await _in(open_store(place, account_key), master)]
    if Shelf(Path(place)).backups():
        return [*_on(Shelf(Path(place)), master, after="")]
    names = sorted((Path(place) / ROLL).glob("*"))
    return [_read(master, f"{ROLL}/{names[-1].name}", names[-1].read_bytes())] if names else []


def _read(master: MasterKey, name: str, content: bytes) -> Roll:
    try:
        return roll.opened(master, name, content)
    except SealBroken as cause:
        raise Refused(
            f"The roll {name} beside the files cannot be read: it was altered, or sealed with another master key."
            f" {_ANYWAY}"
        ) from cause
