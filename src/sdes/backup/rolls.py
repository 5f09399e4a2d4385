"""Where rolls lie: beside the files, written by the worker, and one with each backup.

Beside the files each is named after its moment, its house and what it says; those of earlier versions name no house.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
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
_ALL_KEPT = timedelta(days=1)
_ANYWAY = "`sdes restore --as-it-was` restores without it: whatever was taken away after the backup counts again then."
_MOMENT = "%Y%m%dT%H%M%S%fZ"


async def keep(vault: Vault, keep: timedelta | None) -> bool:
    """Writes the present roll beside the files where it says anything new, and removes the house's own that are older
    than `keep`, and of days before yesterday all but the last, none without `keep`; whether it wrote. Nothing is
    written of a house with no people, and no other house's roll is removed. `Unavailable` when the store does not
    answer."""
    ours = await roll.house()
    there = [name for name in await _there(vault.blobs) if _house_of(name) == ours]
    says = await roll.says()  # before the roll itself: what changes in between is written the next time
    if there and there[-1].endswith(f"-{says}"):
        return False
    now = await roll.called()
    if not now.people:
        return False
    name = f"{ROLL}/{now.at.astimezone(UTC):{_MOMENT}}-{ours}-{says}"
    content = await asyncio.to_thread(roll.sealed, vault.master, name, now)
    async with vault.blobs.writer(name) as blob:
        await blob.write(content)
    await vault.blobs.delete_all(_of_no_use(there, now.at, keep))
    return True


async def as_part(present: Roll) -> AsyncIterator[bytes]:
    """The roll as it is sealed with a backup."""
    yield roll.as_bytes(present)


def of(backup: Path, master: MasterKey) -> Roll | None:
    """The roll that a backup carries, if any: those of earlier versions do not."""
    manifest, keys = proven(backup, master)
    if PART not in manifest.parts:
        return None
    return roll.from_bytes(b"".join(opened(backup / PART, keys.of(PART), manifest.parts[PART])))


async def newest(backup: Path, vault: Vault, place: str | None = None, account_key: str | None = None) -> Roll | None:
    """The newest roll of the backup's own house that there is beside the files, of the backups after this one on its
    shelf, and at `place`, another shelf or store; refuses where the newest cannot be read."""
    shelf, own = shelf_of(backup), of(backup, vault.master)
    house = own.house if own else ""
    found = [_on(shelf, vault.master, house, after=backup.name), await _in(vault.blobs, vault.master, house)]
    if place:
        found.append(await _at(place, vault.master, house, account_key))
    return max((one for one in found if one), key=lambda one: one.at, default=None)


def refuse_lacking(own: Roll | None, found: Roll | None) -> None:
    """Refuses a roll that is missing, or older than the backup's `own` and saying something else: the house kept
    rolls, so a later one has been lost."""
    if own is None or (found and (found.at >= own.at or replace(found, at=own.at) == own)):
        return
    what = (
        f"the newest, of {found.at:%d %b %Y at %H:%M:%S} (UTC), is older than the backup" if found else "there is none"
    )
    raise Refused(
        "No roll tells what was taken away after the backup: beside the files and on the shelf "
        f"{what}. Name the store of the house that was lost, or a newer folder of backups, with --deletions. {_ANYWAY}"
    )


async def _in(blobs: Blobs, master: MasterKey, house: str) -> Roll | None:
    name = _last(await _there(blobs), house)
    if not name:
        return None
    (size,) = [stored.size async for stored in blobs.keys(ROLL) if stored.key == name]
    return _read(master, name, await blobs.read_range(name, 0, size))


async def _there(blobs: Blobs) -> list[str]:
    return sorted([stored.key async for stored in blobs.keys(ROLL)])


def _on(shelf: Shelf, master: MasterKey, house: str, after: str) -> Roll | None:
    """That of the backups after one, the newest that has any of this house."""
    for one in reversed(shelf.backups()):
        if one.name <= after:
            break
        try:
            found = of(one, master)
        except Damaged as damage:
            raise Refused(f"The roll of the later backup {one.name} cannot be read. {damage} {_ANYWAY}") from damage
        if found and _is_of(found.house, house):
            return found
    return None


async def _at(place: str, master: MasterKey, house: str, account_key: str | None) -> Roll | None:
    if "://" in place:
        return await _in(open_store(place, account_key), master, house)
    if Shelf(Path(place)).backups():
        return _on(Shelf(Path(place)), master, house, after="")
    name = _last(sorted(f"{ROLL}/{one.name}" for one in (Path(place) / ROLL).glob("*")), house)
    return _read(master, name, (Path(place) / name).read_bytes()) if name else None


def _of_no_use(there: Iterable[str], now: datetime, keep: timedelta | None) -> list[str]:
    """Of the house's rolls before the one of `now`. One of a later moment is of a clock that was put back since, and
    would pass for the newest."""
    gone: list[str] = []
    of_day: dict[date, str] = {}
    for name in sorted(there):
        at = _at_of(name)
        if at > now or (keep and at < now - keep):
            gone.append(name)
        elif keep and at < now - _ALL_KEPT:
            if at.date() in of_day:
                gone.append(of_day[at.date()])
            of_day[at.date()] = name
    return gone


def _at_of(name: str) -> datetime:
    return datetime.strptime(_words(name)[0], _MOMENT).replace(tzinfo=UTC)


def _house_of(name: str) -> str:
    """Empty on those of earlier versions."""
    words = _words(name)
    return words[1] if len(words) == 3 else ""


def _words(name: str) -> list[str]:
    return name.rpartition("/")[2].split("-")


def _is_of(one: str, house: str) -> bool:
    """Whether a roll of the house `one` may be of `house`: where either is not known, it may."""
    return not one or not house or one == house


def _last(names: Iterable[str], house: str) -> str:
    return next((name for name in reversed(list(names)) if _is_of(_house_of(name), house)), "")


def _read(master: MasterKey, name: str, content: bytes) -> Roll:
    try:
        return roll.opened(master, name, content)
    except SealBroken as cause:
        raise Refused(
            f"The roll {name} beside the files cannot be read: it was altered, or sealed with another master key."
            f" {_ANYWAY}"
        ) from cause
