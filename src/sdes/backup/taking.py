"""Taking a backup of the running house: one moment of the database, and the files that it names (SD 7.2, 8.3)."""

import logging
from asyncio import CancelledError
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from shutil import rmtree

from sdes.attachments.vault import Vault
from sdes.backup import deletions, files, roll, rolls
from sdes.backup.files import File
from sdes.backup.manifest import Damaged, Keys, Manifest, Part, new_keys, proven, write
from sdes.backup.parts import opened, seal
from sdes.backup.programs import dumped, program
from sdes.backup.shelf import FILES, Shelf, refuse_store_among_backups, too_old
from sdes.backup.shelf import opened as opened_shelf
from sdes.kit import clock, db, restoring, true_clock
from sdes.kit.crypto import MasterKey, sealed_size
from sdes.kit.errors import Refused

log = logging.getLogger(__name__)

DATABASE = "database"
KEEP = timedelta(days=30)
_STOPPED = "It was stopped before it was whole."
_ALL_KEPT = "No old backups were removed, since the clock of the machine that took this one was wrong."

# Whose rows stay out of every backup: sign-ins under way, links and codes that count once, the queue of nudges,
# and signs of life.
# What must not come back is not there to come back.
SHORT_LIVED = (
    *("session", "account_link", "passkey_challenge", "sign_in_attempt"),
    *("oidc_grant", "oidc_refresh_token", "oidc_sign_in"),
    *("saq_jobs", "saq_stats", "process_sign"),
)

_OWNS = "SELECT pg_has_role(relowner, 'MEMBER') AS owns FROM pg_class WHERE oid = 'public.communication'::regclass"
_TABLES = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_FILES = "SELECT blob, size FROM attachment WHERE wrapped_key IS NOT NULL ORDER BY blob"
_STILL_WANTED = "SELECT count(*) AS n FROM attachment WHERE wrapped_key IS NOT NULL AND blob = ANY ($1)"
_SHAPE = "SELECT max(name) AS migration, current_setting('server_version_num')::int / 10000 AS server FROM migration"
_BEGUN = "INSERT INTO backup (name, started_at, size, files, problem) VALUES ($1, $2, 0, 0, '') RETURNING id"
_FAILED = "UPDATE backup SET finished_at = $2, problem = $3 WHERE id = $1"
_PROBLEM = "UPDATE backup SET problem = $2 WHERE id = $1"
_DONE = "UPDATE backup SET finished_at = $2, problem = $3, size = $4, files = $5 WHERE id = $1"


async def take(vault: Vault, owner_url: str, folder: Path, *, keep: timedelta = KEEP, forgets: bool = True) -> Manifest:
    """Takes a backup onto the shelf `folder` and then removes from it what is older than `keep`; nothing by a wrong
    clock, or where it is not to forget (`forgets`).

    The pool must be open with the owner's login, at `owner_url`. Refuses any other login, a shelf that another run
    writes on, and one that is mixed up with other files or the store. Cut off at any moment, it leaves nothing that
    looks whole. What cannot be removed is told with the backup as its problem.
    """
    await restoring.refuse_half_restored()
    await _refuse_other_logins()
    refuse_store_among_backups(Shelf(folder), vault.blobs.folder)
    forgets = not await true_clock.is_wrong() and forgets
    with opened_shelf(folder) as shelf:
        shelf.clear()
        name, draft = shelf.begin(clock.now())
        run = (await db.fetch(_BEGUN, name, clock.now()))[0]["id"]
        try:
            manifest = await _Taking(vault, owner_url, shelf, name, draft).write()
            shelf.complete(name, draft)
        except (Exception, CancelledError) as cause:
            why = _STOPPED if isinstance(cause, CancelledError) else str(cause) or type(cause).__name__
            await db.fetch(_FAILED, run, clock.now(), why[:400])
            rmtree(draft, ignore_errors=True)
            raise
        problem = f"{manifest.missing} files were not in the store." if manifest.missing else ""
        await db.fetch(_DONE, run, clock.now(), problem, manifest.size, manifest.files)
        if left := _forget(shelf, vault.master, keep) if forgets else _ALL_KEPT:
            log.error("%s", left)
            await db.fetch(_PROBLEM, run, f"{problem} {left}".strip()[:400])
    return manifest


class _Taking:
    """One backup on its way to the shelf."""

    def __init__(self, vault: Vault, owner_url: str, shelf: Shelf, name: str, draft: Path) -> None:
        self.vault, self.owner_url, self.shelf, self.name, self.draft = vault, owner_url, shelf, name, draft
        self.keys: Keys = new_keys(vault.master, name)
        self.known = _known(shelf, vault.master)

    async def write(self) -> Manifest:
        async with db.transaction():
            await db.fetch("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            (snapshot,) = await db.fetch("SELECT pg_export_snapshot() AS id, clock_timestamp() AS at")
            (shape,) = await db.fetch(_SHAPE)
            dump, version = program("pg_dump", shape["server"])
            rows, present = await _rows(), await roll.called()
            wanted = [File(row["blob"], sealed_size(row["size"])) for row in await db.fetch(_FILES)]
            database = dumped(dump, self.owner_url, snapshot["id"], without_rows_of=SHORT_LIVED)
            parts = {DATABASE: await self._seal(DATABASE, database)}
        # After the database: each file was in the store before its row. Last of all the deletions, so that they tell
        # of every file that was taken away meanwhile.
        taken = await files.take(self.vault.blobs, wanted, self.shelf.files, self.known)
        parts[FILES] = await self._seal(FILES, files.as_lines(taken))
        parts[rolls.PART] = await self._seal(rolls.PART, rolls.as_part(present))
        notes = await deletions.notes_in(self.vault.blobs)
        parts[deletions.PART] = await self._seal(deletions.PART, deletions.as_lines(notes))
        there = [file for file in taken if file.sha256]
        manifest = Manifest(
            name=self.name,
            taken_at=snapshot["at"],
            finished_at=clock.now(),
            migration=shape["migration"],
            postgres=shape["server"],
            dumped_by=version,
            key_id=self.vault.master.id,
            wrapped_key=self.keys.wrapped,
            parts=parts,
            rows=rows,
            files=len(there),
            files_size=sum(file.size for file in there),
            missing=await _lost([file.key for file in taken if not file.sha256]),
        )
        write(self.draft, manifest, self.keys)
        return manifest

    async def _seal(self, part: str, plain: AsyncIterator[bytes]) -> Part:
        return await seal(self.draft / part, self.keys.of(part), plain)


async def _rows() -> dict[str, int]:
    """How many rows each table of the snapshot has, of those that are in the dump."""
    names = [row["name"] for row in await db.fetch(_TABLES) if row["name"] not in SHORT_LIVED]
    return {name: (await db.fetch(f'SELECT count(*) AS n FROM "{name}"'))[0]["n"] for name in names}


async def _lost(keys: list[str]) -> int:
    """How many of the files that were not there are wanted still: the others were deleted while the backup was made."""
    return int((await db.fetch(_STILL_WANTED, keys))[0]["n"]) if keys else 0


async def _refuse_other_logins() -> None:
    if not (await db.fetch(_OWNS))[0]["owns"]:
        raise Refused("Only the owner's login may take a backup: row-level security hides rows from every other one.")


def files_of(backup: Path, master: MasterKey) -> list[File]:
    """The files that a backup names."""
    manifest, keys = proven(backup, master)
    return files.from_lines(opened(backup / FILES, keys.of(FILES), manifest.parts[FILES]))


def _known(shelf: Shelf, master: MasterKey) -> dict[str, File]:
    """The files of the newest backup that can be read. Refuses a shelf of another master key: its files could not be
    told from those that are needed no more."""
    for backup in reversed(shelf.backups()):
        try:
            return {file.key: file for file in files_of(backup, master)}
        except Damaged as damage:
            log.error("%s", damage)
    return {}


def _forget(shelf: Shelf, master: MasterKey, keep: timedelta) -> str:
    """Removes what is older than `keep`, and files that no other backup names; gives in words what it had to leave.
    Files stay while there is a backup that cannot be read: it goes in its time, and may be readable on another day."""
    left = []
    for backup in too_old(shelf, keep):
        try:
            shelf.remove(backup)
            log.info("backup %s is older than %s days and was removed", backup.name, keep.days)
        except OSError as cause:
            left.append(f"The old backup {backup.name} could not be removed ({cause.strerror}).")
    named, unread = _named(shelf, master)
    if unread:
        left.append(f"No files of old backups were removed, since these cannot be read: {', '.join(unread)}.")
        return " ".join(left)
    try:
        files.forget(shelf.files, named)
    except OSError as cause:
        left.append(f"Not all files of old backups were removed ({cause.strerror}).")
    return " ".join(left)


def _named(shelf: Shelf, master: MasterKey) -> tuple[set[str], list[str]]:
    """The files that the backups of a shelf name, by key, and the names of those that cannot be read."""
    named, unread = set(), []
    for backup in shelf.backups():
        try:
            named |= {file.key for file in files_of(backup, master)}
        except Refused as cause:
            log.error("%s", cause)
            unread.append(backup.name)
    return named, unread
