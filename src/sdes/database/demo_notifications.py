"""What the people of the demo world have been told of its latest messages: read, dealt with by a colleague, or new."""

from datetime import timedelta

from sdes.kit import clock, db

TOLD_OF = timedelta(days=14)

_LATEST = """
SELECT m.communication, m.number, m.company, m.sent_at FROM message m JOIN communication c ON c.id = m.communication
 WHERE c.archived_at IS NULL AND m.sent_at > $1 ORDER BY m.sent_at, m.id
"""
# Nobody is mailed about what was there before the demo began.
_SEEN = """
UPDATE notification n SET wants_mail = false,
       read_at = (SELECT r.viewed_at FROM reading r
                   WHERE r.person = n.person AND r.communication = c.id AND r.number >= n.number),
       closed_by = coalesce((SELECT 'Answered by ' || m.person_name FROM message m
                              WHERE m.communication = c.id AND m.number > n.number AND m.company = n.company
                                AND m.person <> n.person ORDER BY m.number LIMIT 1), '')
  FROM communication c WHERE c.reference = n.subject
"""


async def load_demo_notifications() -> None:
    """Tells the demo's people of the messages of the last two weeks. Its communications must be there."""
    for one in await db.fetch(_LATEST, clock.now() - TOLD_OF):
        await db.fetch("SELECT set_config('sdes.company_id', $1, true)", str(one["company"]))
        await db.fetch("SELECT sdep_notify($1, $2, $3)", one["communication"], one["number"], one["sent_at"])
    await db.fetch("SELECT set_config('sdes.company_id', '', true)")
    await db.fetch(_SEEN)
