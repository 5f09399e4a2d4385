"""The demo's mails, which are kept to be read on a page and sent to nobody."""

import logging

from sdes.kit import clock, db
from sdes.kit.crypto import SealBroken
from sdes.mail.delivery import COLUMNS, DUE
from sdes.mail.message import Outgoing

log = logging.getLogger(__name__)

_NEXT = f"SELECT {COLUMNS} FROM mail WHERE {DUE} ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
_KEEP = "INSERT INTO demo_mail (to_address, to_name, subject, text, html, at) VALUES ($1, $2, $3, $4, $5, $6)"
_SENT = "UPDATE mail SET sent_at = $2, handed_over_at = $2, attempts = attempts + 1, body = NULL WHERE id = $1"
_GIVE_UP = "UPDATE mail SET given_up_at = $2, attempts = attempts + 1, body = NULL, last_error = $3 WHERE id = $1"


async def keep(*, most: int = 500) -> int:
    """Keeps the mails that are due, at most `most`, as the demo's; gives how many."""
    for kept in range(most):
        if not await _keep_next():
            return kept
    return most


async def _keep_next() -> bool:
    now = clock.now()
    async with db.transaction():
        rows = await db.fetch(_NEXT, now)
        if not rows:
            return False
        mail = Outgoing(**rows[0])
        try:
            text, html = mail.opened()
        except SealBroken as cause:
            log.error("mail %s of the demo cannot be kept: %s", mail.id, cause)
            await db.fetch(_GIVE_UP, mail.id, now, str(cause))
            return True
        await db.fetch(_KEEP, mail.to_address, mail.to_name, mail.subject, text, html, mail.created_at)
        await db.fetch(_SENT, mail.id, now)
    return True
