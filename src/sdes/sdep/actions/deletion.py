"""Irrecoverable deletion by the clock, 30 days after archiving: what both companies wrote goes, the audit log stays
(SD 13.1, 14.4, SL 7).

What it promises. After a run, which ends with `_clear_up`, no query gives any of it back, to anybody: rows, search
words, drafts, notifications and files' names are gone, the planner keeps no samples of them (migration 0009), and a
file's key went with its row, so its content is lost even where a copy of the blob survives. A restored backup is made
to forget again by `replay`. What it cannot promise: freed space inside PostgreSQL's own files, its write-ahead log and
backups keep the bytes until they are overwritten, recycled or expire. They must lie on an encrypted disk, and backups
be of limited age.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sdes.actor import Actor
from sdes.attachments.actions import destroy
from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from sdes.kit.errors import Unavailable
from sdes.sdep.actions.history import record_of_many
from sdes.sdep.ledger import Line, lines_of, write
from sdes.sdep.retention import deletes_on

log = logging.getLogger(__name__)

BATCH = 500  # communications in one transaction

TOUCHED = (
    "communication, communication_party, communication_level, communication_search, message, message_attachment,"
    " reading, draft, draft_attachment, attachment, notification"
)

_DUE = """
SELECT id FROM communication WHERE archived_at < $1 ORDER BY archived_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
# The same communication, and nobody has written in it since: a number can come back with a restored backup.
_LEFT = """
SELECT c.id FROM communication c
  JOIN unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::timestamptz[])
       AS l(id, reference, created_at, last_message_at)
    ON l.id = c.id AND l.reference = c.reference AND l.created_at = c.created_at
 WHERE c.last_message_at <= l.last_message_at FOR UPDATE OF c
"""
# Whoever is sending holds first the draft and then the communication: waiting for them would be for ever.
_FREE_DRAFTS = "SELECT id FROM draft WHERE communication = ANY ($1) FOR UPDATE SKIP LOCKED"
_BUSY = "SELECT DISTINCT communication FROM draft WHERE communication = ANY ($1) AND NOT id = ANY ($2)"

# By the database's own clock: a run that was cut off is made up for by the next ones.
_LATELY = "SELECT 1 FROM deleted_communication WHERE noted_at > now() - interval '7 days' LIMIT 1"

_LINES = "SELECT id, reference, created_at, last_message_at, archived_at FROM communication WHERE id = ANY ($1)"
_FILES = """
SELECT attachment FROM message_attachment WHERE communication = ANY ($1)
UNION SELECT f.attachment FROM draft_attachment f JOIN draft d ON d.id = f.draft WHERE d.communication = ANY ($1)
"""
_REMEMBER = """
INSERT INTO deleted_communication AS kept
       (communication, reference, process_type, companies, sender, recipient, level, created_at, archived_at,
        deleted_at, facts, blobs)
SELECT c.id, c.reference, c.process_type, ARRAY[s.company, r.company]::bigint[], c.sender, c.recipient, c.level,
       c.created_at, coalesce(c.archived_at, $2), $2, jsonb_build_object(
           'process', (SELECT jsonb_build_object('title', t.title, 'contact_type', t.contact_type, 'fuel', t.fuel,
               'code', t.code) FROM process_type t WHERE t.id = c.process_type),
           'levels', (SELECT coalesce(jsonb_agg(jsonb_build_object(
               'number', l.number, 'name', l.name, 'started_at', l.started_at, 'started_by', l.started_by,
               'person_name', l.person_name, 'due_at', l.due_at, 'responded_at', l.responded_at) ORDER BY l.number),
               '[]') FROM communication_level l WHERE l.communication = c.id),
           'messages', (SELECT coalesce(jsonb_agg(jsonb_build_object(
               'number', m.number, 'company', m.company, 'mpid', m.mpid, 'person', m.person,
               'person_name', m.person_name, 'level', m.level, 'kind', m.kind, 'sent_at', m.sent_at)
               ORDER BY m.number), '[]') FROM message m WHERE m.communication = c.id)),
       ARRAY(SELECT a.blob FROM message_attachment x JOIN attachment a ON a.id = x.attachment
              WHERE x.communication = c.id
             UNION SELECT a.blob FROM draft d JOIN draft_attachment f ON f.draft = d.id
              JOIN attachment a ON a.id = f.attachment WHERE d.communication = c.id)
  FROM communication c
  JOIN market_participant s ON s.id = c.sender JOIN market_participant r ON r.id = c.recipient
 WHERE c.id = ANY ($1)
    ON CONFLICT (communication) DO UPDATE SET blobs = kept.blobs || EXCLUDED.blobs
"""
_TOLD = """
SELECT c.reference, t.title, t.contact_type, t.fuel, s.company AS sending, r.company AS receiving
  FROM communication c JOIN process_type t ON t.id = c.process_type
  JOIN market_participant s ON s.id = c.sender JOIN market_participant r ON r.id = c.recipient
 WHERE c.id = ANY ($1) ORDER BY c.id
"""
# In the order in which others take rows, so that no two wait for each other.
_LEAVES = (
    "DELETE FROM draft_attachment f USING draft d WHERE d.id = f.draft AND d.communication = ANY ($1)",
    "DELETE FROM draft WHERE communication = ANY ($1)",
    "DELETE FROM message_attachment WHERE communication = ANY ($1)",
)
_REST = (
    "DELETE FROM message WHERE communication = ANY ($1)",
    "DELETE FROM communication_level WHERE communication = ANY ($1)",
    "DELETE FROM reading WHERE communication = ANY ($1)",
    "DELETE FROM communication_search WHERE communication = ANY ($1)",
    "DELETE FROM communication_party WHERE communication = ANY ($1)",
    "DELETE FROM notification n USING communication c WHERE c.id = ANY ($1) AND n.subject = c.reference",
    "DELETE FROM communication WHERE id = ANY ($1)",
)


async def delete_old(actor: Actor, vault: Vault) -> int:
    """Deletes every communication that was archived 30 days ago and gives how many; whatever an earlier run that was
    cut off has left is taken up as well. `Unavailable` when the store of files does not answer: what is to be
    forgotten must be noted there first."""
    assert actor.is_system
    deleted, before = 0, deletes_on(clock.today())  # the day of its beginning, even if it passes midnight
    while done := await _delete_some(actor, vault, before):
        deleted += done
    await _clear_up(vault)
    log.info("%s communications deleted", deleted)
    return deleted


async def replay(actor: Actor, vault: Vault) -> int:
    """Deletes again whatever a restored backup has brought back, by the ledger beside the files; gives how many."""
    assert actor.is_system
    deleted = 0
    async for deleted_at, lines in lines_of(vault):
        for start in range(0, len(lines), BATCH):
            async with db.transaction():
                ids = await _that_nobody_answers(await _found_again(lines[start : start + BATCH]))
                await _delete(actor, ids, deleted_at)
            deleted += len(ids)
    await _clear_up(vault)
    log.info("%s communications deleted again", deleted)
    return deleted


async def _clear_up(vault: Vault) -> None:
    """Takes away what deleted communications have left, whatever this run has deleted: the one before may have been cut
    off here. The index of words is made anew, beside the old one, which keeps words that nobody has any more."""
    await db.maintain(f"VACUUM (TRUNCATE false) {TOUCHED}", seconds=1200)  # to shorten a table shuts people out
    await _remove_all_blobs(vault)
    if await db.fetch(_LATELY):
        for left in ("ccnew", "ccold"):  # by a rebuild that was cut off
            await db.maintain(f"DROP INDEX CONCURRENTLY IF EXISTS communication_search_words_{left}", seconds=300)
        await db.maintain("REINDEX INDEX CONCURRENTLY communication_search_words", seconds=1800)


async def _delete_some(actor: Actor, vault: Vault, before: datetime) -> int:
    """One transaction, so that a worker killed at any moment leaves a communication whole or gone."""
    async with db.transaction():
        now = clock.now()
        due = [row["id"] for row in await db.fetch(_DUE, before, BATCH)]
        ids = await _that_nobody_answers(due)
        if ids:
            # Before the commit: of what is gone the ledger knows, and what it names beyond that is due anyway.
            await write(vault, now, [Line(**row) for row in await db.fetch(_LINES, ids)])
            await _delete(actor, ids, now)
    return len(ids)


async def _that_nobody_answers(ids: Sequence[int]) -> list[int]:
    free = [row["id"] for row in await db.fetch(_FREE_DRAFTS, ids)]
    busy = {row["communication"] for row in await db.fetch(_BUSY, ids, free)}
    return [one for one in ids if one not in busy]


async def _found_again(lines: Sequence[Line]) -> list[int]:
    columns: list[list[Any]] = [
        [getattr(line, name) for line in lines] for name in ("id", "reference", "created_at", "last_message_at")
    ]
    return [row["id"] for row in await db.fetch(_LEFT, *columns)]


async def _delete(actor: Actor, ids: Sequence[int], deleted_at: datetime) -> None:
    """Deletes communications that the caller holds, and keeps of them what the audit and the reports may know."""
    if not ids:
        return
    files = [row["attachment"] for row in await db.fetch(_FILES, ids)]
    await db.fetch(_REMEMBER, ids, deleted_at)
    await record_of_many(actor, "sdep.communication.deleted", await db.fetch(_TOLD, ids))
    for statement in _LEAVES:
        await db.fetch(statement, ids)
    await destroy(actor, files)
    for statement in _REST:
        await db.fetch(statement, ids)


async def _remove_all_blobs(vault: Vault) -> None:
    """Takes from the store what deleted communications have left there; what fails now is taken by the next run."""
    after = 0
    while rows := await db.fetch(
        "SELECT id, blobs FROM deleted_communication WHERE blobs <> '{}' AND id > $1 ORDER BY id LIMIT 100", after
    ):
        try:
            await vault.blobs.delete_all([blob for row in rows for blob in row["blobs"]])
        except Unavailable:
            log.warning("the blobs of deleted communications are left to the next run")
            return
        after = rows[-1]["id"]
        await db.fetch("UPDATE deleted_communication SET blobs = '{}' WHERE id = ANY ($1)", [row["id"] for row in rows])
