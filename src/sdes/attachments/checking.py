"""The virus check as a service on a schedule (SD 8.4): takes what is pending, one at a time, and judges it."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from sdes.attachments.inspection import Inspection, held_in_memory, inspect
from sdes.attachments.scanner import Scanner, ScanUnavailable
from sdes.attachments.tables import Attachment, State
from sdes.attachments.vault import LEDGER, ROLL, Vault
from sdes.kit import clock, db, tally
from sdes.kit.crypto import SealBroken
from sdes.kit.errors import SdesError, Unavailable

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)
LEASE = timedelta(seconds=10)  # renewed while a check is under way; one that died is taken up again after this
RENEWED_EVERY = 3.0  # seconds
READ_WITHIN = 60.0  # seconds; a store that trickles must not hold the worker, which has other things to do
GRACE = timedelta(days=1)  # how long a blob or a file without a holder may lie before the sweep takes it

# Due as well is what was put off, or received, while the clock was ahead, and would else wait until it is there again;
# what was received then, until it has been taken once: from then on it is held and put off like any other.
_TAKE = f"""
UPDATE attachment SET attempts = attempts + 1, next_attempt_at = $2
 WHERE id = (SELECT id FROM attachment
              WHERE state = 'pending' AND ($3::uuid IS NULL OR id = $3)
                AND (next_attempt_at <= $1 OR attempts = 0 AND created_at > $1 + interval '1 minute'
                     OR attempts > 0 AND next_attempt_at > $1 + interval '{2 * LONGEST_WAIT.seconds} s')
              ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, name, size, blob, key_id, wrapped_key, attempts
"""


Tell = Callable[[UUID], Awaitable[None]]


async def check(
    vault: Vault, scanner: Scanner, attachment_id: UUID | None = None, tell: Tell | None = None
) -> UUID | None:
    """Checks one pending file, the given one or the one that has waited longest; None when there is none to check now.

    What cannot be decided stays pending and is tried again, ever more rarely. Several may run at once. `tell` is given
    the file's id in the transaction that writes the verdict: it is told once, or the verdict is not kept either.
    """
    now = clock.now()
    taken = await db.fetch(_TAKE, now, now + LEASE, attachment_id)
    if not taken:
        return None
    row, began = taken[0], time.monotonic()
    try:
        async with _held(row["id"]):
            found = await _inspected(vault, scanner, row)
    except (ScanUnavailable, Unavailable) as cause:
        log.warning("attachment %s stays pending: %s", row["id"], cause)
        wait = min(FIRST_WAIT * 2 ** min(row["attempts"] - 1, 10), LONGEST_WAIT)
        await Attachment.update({Attachment.next_attempt_at: clock.now() + wait}).where(Attachment.id == row["id"])
        tally.count("scan.put-off", time.monotonic() - began)
        return UUID(str(row["id"]))
    await _settle(vault, row, found, tell)
    tally.count(f"scan.{found.state}", time.monotonic() - began)
    return UUID(str(row["id"]))


async def sweep_blobs(vault: Vault) -> int:
    """Removes blobs that no row knows: of uploads that were cut off or never sent. Gives how many."""
    known = {row["blob"] for row in await db.fetch("SELECT blob FROM attachment WHERE wrapped_key IS NOT NULL")}
    removed = 0
    async for stored in vault.blobs.keys():
        is_file = not stored.key.startswith((f"{LEDGER}/", f"{ROLL}/"))
        if is_file and stored.key not in known and stored.last_modified < clock.now() - GRACE:
            await vault.blobs.delete(stored.key)
            removed += 1
    return removed


async def refuse_foreign_key(vault: Vault) -> None:
    """Refuses a master key that does not open the files there are: a lost key would be made anew unseen."""
    rows = await db.fetch(
        "SELECT count(*) AS n FROM attachment WHERE wrapped_key IS NOT NULL AND key_id <> $1", vault.master.id
    )
    if rows[0]["n"]:
        raise SdesError(
            f"The master key is not the one that {rows[0]['n']} stored attachments were sealed with. Put back the right"
            " key (SDES_MASTER_KEY, or master.key in SDES_HOME): without it they cannot be read."
        )


@asynccontextmanager
async def _held(attachment_id: UUID) -> AsyncIterator[None]:
    """Keeps others from the file as long as its check takes, and no longer than this process lives."""
    renewing = asyncio.create_task(_renew(attachment_id))
    try:
        yield
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing


async def _renew(attachment_id: UUID) -> None:
    while True:
        await asyncio.sleep(RENEWED_EVERY)
        try:
            await Attachment.update({Attachment.next_attempt_at: clock.now() + LEASE}).where(
                Attachment.id == attachment_id
            )
        except (*db.LOST, Unavailable) as cause:  # then another may check it as well: of two verdicts one is kept
            log.warning("attachment %s: its lease could not be renewed: %s", attachment_id, type(cause).__name__)


async def _inspected(vault: Vault, scanner: Scanner, row: Any) -> Inspection:
    if row["key_id"] != vault.master.id:
        raise ScanUnavailable(f"sealed with the master key {row['key_id']}, and this worker has {vault.master.id}")
    with held_in_memory() as file:
        try:
            async with asyncio.timeout(READ_WITHIN):
                async for piece in vault.reading(row["id"], row["blob"], row["wrapped_key"], row["size"]):
                    file.write(piece)
        except TimeoutError as cause:
            raise ScanUnavailable(f"the store has not given all of it within {READ_WITHIN:.0f} s") from cause
        except SealBroken:
            log.error("attachment %s: the stored content does not match its key", row["id"])
            return Inspection("failed", "Its stored content was damaged. Send it again.")
        file.seek(0)
        return await asyncio.to_thread(inspect, file, scanner)


async def _settle(vault: Vault, row: Any, found: Inspection, tell: Tell | None) -> None:
    """Writes the verdict, unless another has done so.

    A failed file's key goes with it: its content is gone, whatever becomes of the blob.
    """
    failed = found.state == "failed"
    reason = (found.reason or "A virus was found in it. It was destroyed.") if failed else ""
    verdict: dict[Any, Any] = {
        Attachment.state: State.FAILED if failed else State.CLEAN,
        Attachment.reason: reason,
        Attachment.checked_at: clock.now(),
        **({Attachment.wrapped_key: None} if failed else {}),
    }
    async with db.transaction():
        settled = (
            await Attachment.update(verdict)
            .where(Attachment.id == row["id"], Attachment.state == State.PENDING.value)
            .returning(Attachment.id)
        )
        if settled and tell:
            await tell(UUID(str(row["id"])))
    if settled and failed:
        log.warning("attachment %s failed its virus check (%s)", row["id"], found.signature or "cannot be checked")
        try:
            await vault.blobs.delete(row["blob"])
        except Unavailable:
            log.warning("attachment %s: its blob is left to the sweep", row["id"])
