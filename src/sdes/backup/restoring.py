"""Building up an empty house from a backup (SD 7.2): checked before, whole or not at all, and then made to forget."""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sdes import auditlog
from sdes.actor import Actor
from sdes.attachments.vault import Vault
from sdes.backup import deletions, files, rolls
from sdes.backup.afterwards import Ended, end_what_must_not_come_back, give_up_missing_files
from sdes.backup.checking import Checked, checked
from sdes.backup.emptiness import clear, refuse_inhabited, refuse_others
from sdes.backup.manifest import Manifest
from sdes.backup.parts import opened
from sdes.backup.programs import fill, program
from sdes.backup.roll import Roll
from sdes.backup.shelf import refuse_store_among_backups, shelf_of
from sdes.backup.striking import refuse_most
from sdes.backup.taking import DATABASE
from sdes.backup.withdrawing import Withdrawn, withdraw
from sdes.database.migrate import make_web_login, migrate, newest
from sdes.kit import clock, db, restoring
from sdes.kit.errors import Refused
from sdes.sdep.actions.deletion import replay

log = logging.getLogger(__name__)

_NOBODY_SENDS = "LOCK TABLE mail, notification IN ACCESS EXCLUSIVE MODE"
_SERVER = "SELECT current_setting('server_version_num')::int / 10000 AS version"


@dataclass(frozen=True)
class Restored:
    """What came back, and what did not."""

    manifest: Manifest
    files: int  # copied into the store
    notes: int  # of deletions, added to the list beside the files
    forgotten: int  # communications that were deleted for good after the backup, or before
    without_content: int  # files that stand as failed, since the backup does not hold them
    damaged: int  # of them, those that the backup held once
    ended: Ended
    withdrawn: Withdrawn
    roll_at: datetime | None  # when the newest roll was written that there is


async def restore(
    vault: Vault,
    owner_url: str,
    backup: Path,
    *,
    later: deletions.Notes | None = None,
    roll: Roll | None = None,
    as_it_was: bool = False,
    shut_out_most: bool = False,
    without_damaged_files: bool = False,
) -> Restored:
    """Restores `backup` into the empty database and the store of `vault`. The pool must be open with the owner's login,
    at `owner_url`. `later` is a later list of deletions than the shelf's own. `roll` is the newest there is, which
    `rolls.newest` finds: who and what does not stand on it any more does not come back, unless it is older than the
    backup. `as_it_was` leaves the roll aside. Files of the backup that are lost or altered, and that the store does not
    have either, stand as failed with `without_damaged_files`.

    Refuses, unless `as_it_was`, a roll that is missing though the house kept one; unless `shut_out_most`, one by which
    most people would be suspended. Refuses a database that holds anything or to which anybody else is connected, a
    backup that is not whole or from a later version, another master key, and a store that shares its folder with
    backups. The database is filled in one transaction; cut off afterwards, the house does not open before this is run
    again.
    """
    refuse_store_among_backups(shelf_of(backup), vault.blobs.folder)
    found = await checked(backup, vault.master, without_damaged_files=without_damaged_files)
    dump = await _program(found.manifest)
    notes = deletions.notes_on(shelf_of(backup), backup, vault.master) | dict(later or {})
    await vault.blobs.ping()
    async with restoring.alone():
        await refuse_inhabited()
        known = None if as_it_was else roll
        if not as_it_was:
            _refuse_wrong_roll(rolls.of(backup, vault.master), roll, shut_out_most=shut_out_most)
        await restoring.set_mark()
        return await _rebuilt(vault, owner_url, found, notes, known, dump, shut_out_most=shut_out_most)


def _refuse_wrong_roll(own: Roll | None, known: Roll | None, *, shut_out_most: bool) -> None:
    rolls.refuse_lacking(own, known)
    if own and known and known.at > own.at and not shut_out_most:
        refuse_most(own, known)


async def _rebuilt(
    vault: Vault,
    owner_url: str,
    found: Checked,
    notes: deletions.Notes,
    roll: Roll | None,
    dump: Path,
    *,
    shut_out_most: bool,
) -> Restored:
    copied = await files.put_back(vault.blobs, found.there, shelf_of(found.folder).files)
    added = await deletions.add(vault.blobs, notes)
    ended = await _fill(found, dump, owner_url)
    forgotten = await replay(Actor.system("Deletion"), vault)
    missing = await give_up_missing_files([file.key for file in found.files if not file.sha256])
    damaged = await give_up_missing_files([file.key for file in await files.lacking(vault.blobs, found.damaged)])
    is_newer = roll is not None and roll.at > found.manifest.taken_at
    withdrawn = await withdraw(roll if is_newer else None, found.manifest.name, shut_out_most=shut_out_most)
    roll_at = roll.at if roll else None
    restored = Restored(found.manifest, copied, added, forgotten, missing + damaged, damaged, ended, withdrawn, roll_at)
    async with db.transaction():
        await _record(restored)
        await restoring.take_mark_away()
    return restored


def lines(restored: Restored) -> list[str]:
    """What the operator is told, and has to tell others."""
    manifest, ended, damaged = restored.manifest, restored.ended, restored.damaged
    taken = clock.local(manifest.taken_at)
    return [
        f"Restored the backup {manifest.name}, as the service was on {taken:%d %b %Y at %H:%M:%S} (London).",
        f"{sum(manifest.rows.values())} rows, {manifest.files} files ({restored.files} copied into the store).",
        f"{restored.forgotten} communications that had been deleted for good were deleted again.",
        f"{restored.without_content} files are not in the backup and stand as failed."
        + (f" {damaged} of them are lost or altered there." if damaged else ""),
        "The keys that the one sign-in signed with are retired; it makes a new one when somebody signs in through it.",
        f"Nobody is signed in. {ended.passwords} single-use passwords and {ended.codes} recovery codes are void.",
        f"{ended.mails} mails that waited then are not sent, since they may have been sent after it. The same "
        f"holds for mail about {ended.notifications} notifications, which stay in the bell.",
        _about_roll(restored),
        "What cannot be known from a backup: whatever was sent or changed after that moment. Have the Master Admin "
        "Users look through their people and API keys.",
    ]


def _about_roll(restored: Restored) -> str:
    if restored.roll_at is None:
        return (
            "There was no roll, or it was not asked: whoever was deleted or suspended after that moment can sign in "
            "again, with passwords, second factors and passkeys as they were, and API keys that were revoked count. "
            "Have the Master Admin Users look through them before the service opens."
        )
    at = f"{clock.local(restored.roll_at):%d %b %Y at %H:%M:%S}"
    if restored.withdrawn.roll is None:
        return f"The newest roll is of {at}: nothing had been taken away from anybody between it and the backup."
    gone = str(restored.withdrawn) or "nothing"
    filled = restored.withdrawn.filled
    use_cases = "1 use case was" if filled == 1 else f"{filled} use cases were"
    heirs = f" {use_cases} left with nobody, and have their Master Admin Users now." if filled else ""
    return f"Taken away again, since it does not stand on the roll of {at}: {gone}.{heirs}"


async def _program(manifest: Manifest) -> Path:
    """The program that fills the database; refuses versions that do not go together."""
    if manifest.migration > newest():
        raise Refused(
            f"The backup {manifest.name} is of a later version (its database has the migration {manifest.migration}, "
            f"this SDES knows {newest()}). Restore it with that version, or a later one."
        )
    server = (await db.fetch(_SERVER))[0]["version"]
    if server < manifest.postgres:
        raise Refused(
            f"The backup {manifest.name} is of PostgreSQL {manifest.postgres}, and this server is PostgreSQL {server}. "
            f"Restore it into PostgreSQL {manifest.postgres} or newer."
        )
    return program("pg_restore", max(server, manifest.dumped_by))[0]


async def _fill(found: Checked, dump: Path, owner_url: str) -> Ended:
    """The database as it was, in the present shape, and without what must not come back."""
    manifest = found.manifest
    await refuse_others()  # who came while the files were copied
    async with db.transaction():
        await make_web_login()  # which the dump's policies name
        await clear()
    part = manifest.parts[DATABASE]
    await fill(dump, owner_url, opened(found.folder / DATABASE, found.keys.of(DATABASE), part))
    async with db.transaction():  # before anything else: whoever looks for mails to send waits, and finds none
        await db.fetch(_NOBODY_SENDS)
        await _refuse_lost_rows(manifest)
        ended = await end_what_must_not_come_back(manifest)  # has been in every shape that backups were taken of
    await migrate(owner_url)
    await db.maintain("ANALYZE", seconds=1800)
    return ended


async def _refuse_lost_rows(manifest: Manifest) -> None:
    for table, rows in manifest.rows.items():
        there = (await db.fetch(f'SELECT count(*) AS n FROM "{table}"'))[0]["n"]
        if there != rows:
            raise Refused(f"The table {table} has {there} rows instead of {rows}. Restore another backup.")


async def _record(restored: Restored) -> None:
    manifest = restored.manifest
    await auditlog.record(
        Actor.system("Restore"),
        "backup.house.restored",
        subject=manifest.name,
        detail=f"Restored the backup of {clock.local(manifest.taken_at):%d %b %Y, %H:%M:%S};"
        f" {restored.forgotten} communications deleted again",
    )
