"""Archiving by the clock: whatever has had no message for 30 days, for both parties at once (SD 14.1)."""

import logging
from datetime import datetime

from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.sdep.actions.history import record_of_many
from sdes.sdep.retention import archives_on

log = logging.getLogger(__name__)

BATCH = 500  # communications in one transaction

# What somebody holds is left to the next run: a message that is on its way in wins.
_ARCHIVE = """
WITH due AS (
    SELECT id FROM communication WHERE archived_at IS NULL AND last_message_at < $1
     ORDER BY last_message_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE communication c SET archived_at = $2
  FROM due, process_type t, market_participant s, market_participant r
 WHERE c.id = due.id AND t.id = c.process_type AND s.id = c.sender AND r.id = c.recipient
   AND c.archived_at IS NULL AND c.last_message_at < $1
RETURNING c.reference, t.title, t.contact_type, t.fuel, s.company AS sending, r.company AS receiving
"""


async def archive_old(actor: Actor) -> int:
    """Archives every communication without a message for 30 days and gives how many; a second run finds none. The
    day is that on which the run begins: one that passes midnight does not take the next day's."""
    assert actor.is_system
    archived, before = 0, archives_on(clock.today())
    while done := await _archive_some(actor, before):
        archived += done
    log.info("%s communications archived", archived)
    return archived


async def _archive_some(actor: Actor, before: datetime) -> int:
    async with db.transaction():
        rows = await db.fetch(_ARCHIVE, before, clock.now(), BATCH)
        await record_of_many(actor, "sdep.communication.archived", rows)
    return len(rows)
