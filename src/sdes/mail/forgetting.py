"""What is forgotten of mails: what one said whose fate nobody will learn, and old mails altogether."""

import logging
from datetime import timedelta

from sdes.kit import clock, db
from sdes.mail.delivery import LEASE, WAITING

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)

_UNANSWERED = """
UPDATE mail SET body = NULL, lease_until = NULL, last_error = 'The worker ended before the answer came.'
 WHERE handed_over_at < $1 AND sent_at IS NULL AND given_up_at IS NULL AND body IS NOT NULL
"""
_OLD = f"DELETE FROM mail WHERE created_at < $1 RETURNING {WAITING} AS waited"


async def forget_unanswered() -> None:
    """Blanks mails that a worker handed over and died with before the answer: they are never sent again."""
    await db.fetch(_UNANSWERED, clock.now() - LEASE)


async def forget_old() -> None:
    """Drops mails of more than 30 days ago; one that still waits would say what is no longer true."""
    rows = await db.fetch(_OLD, clock.now() - KEPT)
    if waited := sum(row["waited"] for row in rows):
        log.error("%s mails had waited for 30 days and were dropped unsent", waited)
