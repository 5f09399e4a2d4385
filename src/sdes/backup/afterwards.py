"""What must not come back with a backup: whatever counts once, and what may have been done since."""

from collections.abc import Sequence
from dataclasses import dataclass

from sdes.backup.manifest import Manifest
from sdes.kit import clock, db
from sdes.single_sign_on.actions.keys import SHOWN_AFTER_RETIREMENT

_WORDS = "The service was restored from a backup, which does not hold this file. Ask for it to be sent again."
_GAP = 100_000  # more references than can have been given out since the backup

_MAILS = """
UPDATE mail SET given_up_at = $1, body = NULL, lease_until = NULL, last_error = $2
 WHERE sent_at IS NULL AND given_up_at IS NULL AND handed_over_at IS NULL RETURNING id
"""
_NOTIFICATIONS = "UPDATE notification SET wants_mail = false WHERE wants_mail AND mailed_at IS NULL RETURNING id"
_PASSWORDS = """
UPDATE person SET password_expires_at = $1
 WHERE password_is_single_use AND (password_expires_at IS NULL OR password_expires_at > $1) RETURNING id
"""
_CODES = "DELETE FROM recovery_code RETURNING used_at"
_SIGNING_KEYS = "UPDATE signing_key SET retired_at = $1 WHERE retired_at IS NULL OR retired_at > $1"
_REFERENCES = f"SELECT setval('communication_reference_seq', nextval('communication_reference_seq') + {_GAP})"
_WHOLE = "UPDATE backup SET finished_at = $2, size = $3, files = $4 WHERE name = $1"  # it was under way in itself
_MISSING = """
UPDATE attachment SET state = 'failed', reason = $2, checked_at = $3, wrapped_key = NULL
 WHERE blob = ANY ($1) AND wrapped_key IS NOT NULL RETURNING id
"""


@dataclass(frozen=True)
class Ended:
    """How many of each are void."""

    mails: int
    notifications: int
    passwords: int
    codes: int


async def end_what_must_not_come_back(manifest: Manifest) -> Ended:
    """Mails that waited may have been sent since, so none is sent; a single-use password or a recovery code may have
    been used since, so none counts any more. A key of the one sign-in may have been retired since, so each is retired,
    and a new one made when it is needed. Sign-ins, links and codes of the one sign-in are in no backup. References
    that may have been given out since are not given out again."""
    now = clock.now()
    async with db.transaction():
        why = f"It waited when the backup {manifest.name} was taken, and may have been sent since."
        mails = await db.fetch(_MAILS, now, why)
        notifications = await db.fetch(_NOTIFICATIONS)
        passwords = await db.fetch(_PASSWORDS, now)
        codes = await db.fetch(_CODES)
        await db.fetch(_SIGNING_KEYS, now - SHOWN_AFTER_RETIREMENT)
        await db.fetch(_REFERENCES)
        await db.fetch(_WHOLE, manifest.name, manifest.finished_at, manifest.size, manifest.files)
    return Ended(len(mails), len(notifications), len(passwords), sum(row["used_at"] is None for row in codes))


async def give_up_missing_files(blobs: Sequence[str]) -> int:
    """Files that the backup does not hold stand as failed, with the reason: nobody waits for them."""
    return len(await db.fetch(_MISSING, list(blobs), _WORDS, clock.now()))
