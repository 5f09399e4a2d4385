"""Mail about what nobody has looked at in time: for each person one, with all that is due (SD 11.1(f) and its note 4).

`wants_mail` is true until the job has looked at a row: it is mailed when it is due, or settled without a mail. Whoever
has chosen “never” gets rows that are settled from the beginning, so that those that wait stay few. The present setting
decides about what is not mailed yet.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from sdes import mail
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.notifications.digest import digest

PEOPLE_AT_ONCE = 500
PACE = timedelta(minutes=1)  # between two batches of mails that are not urgent: others are not to wait behind them

# When a waiting row is to be looked at. Daily: the next 08:00 in London after it came, whatever the clocks did in
# between; hourly: the next full hour. What nobody wants is looked at now, and settled.
_DUE = """
CASE WHEN n.is_quick THEN n.created_at ELSE CASE s.frequency
     WHEN 'hourly' THEN date_trunc('hour', n.created_at, 'UTC') + interval '1 hour'
     WHEN 'daily' THEN (date_trunc('day', n.created_at AT TIME ZONE 'Europe/London' + interval '16 hours')
                        + interval '8 hours') AT TIME ZONE 'Europe/London'
     ELSE n.created_at END END <= $1
"""
_WAITS = "n.wants_mail AND n.mailed_at IS NULL"

# Each worker holds the people whose mail it writes; those who are urgently written to come first.
_HOLD = f"""
SELECT p.id, w.is_quick FROM person p JOIN (
    SELECT n.person, bool_or(n.is_quick) AS is_quick
      FROM notification n LEFT JOIN notification_setting s ON s.person = n.person
     WHERE {_WAITS} AND {_DUE} GROUP BY n.person) w ON w.person = p.id
 ORDER BY w.is_quick DESC, p.id LIMIT $2 FOR NO KEY UPDATE OF p SKIP LOCKED
"""
_SETTLE = f"""
UPDATE notification n SET wants_mail = false
  FROM person p LEFT JOIN notification_setting s ON s.person = p.id
 WHERE {_WAITS} AND {_DUE} AND n.person = ANY ($2) AND p.id = n.person AND (
       n.read_at IS NOT NULL OR n.closed_by <> ''
       OR p.state <> 'active' OR p.email_verified_at IS NULL OR p.is_proxy_address
       OR NOT n.is_quick AND coalesce(s.frequency, 'never') = 'never'
       OR EXISTS (SELECT 1 FROM session v WHERE v.person = n.person AND v.stage = 'full'
                  AND v.last_seen_at >= n.created_at))
"""
_TAKE = f"""
UPDATE notification n SET mailed_at = $1, wants_mail = false
  FROM person p LEFT JOIN notification_setting s ON s.person = p.id
 WHERE {_WAITS} AND {_DUE} AND n.person = ANY ($2) AND p.id = n.person
RETURNING n.id, n.person, n.company, p.email, p.name, n.subject, n.process, n.kind, n.from_name
"""


async def mail_what_is_due(actor: Actor) -> int:
    """Writes a mail to everybody for whom something is due that they have not visited since; gives how many.

    Each batch of people is one transaction: a row is marked as mailed with its mail, or neither. Any number of workers
    may do this at once.
    """
    assert actor.is_system
    written, batch = 0, 0
    while True:
        async with db.transaction():
            held = await db.fetch(_HOLD, clock.now(), PEOPLE_AT_ONCE)
            if not held:
                return written
            is_urgent = any(row["is_quick"] for row in held)
            written += await _mail([row["id"] for row in held], timedelta() if is_urgent else batch * PACE)
        batch += not is_urgent


async def _mail(people: Sequence[int], later: timedelta) -> int:
    now = clock.now()
    await db.fetch(_SETTLE, now, people)
    taken = await db.fetch(_TAKE, now, people)
    letters = [_letter(rows) for rows in _by_person(taken)]
    await mail.post_all("notifications", letters, later=later)
    return len(letters)


def _by_person(taken: Iterable[Any]) -> Iterable[list[Any]]:
    ordered = sorted(taken, key=lambda row: (row["person"], row["id"]))
    return (list(rows) for _, rows in groupby(ordered, key=lambda row: row["person"]))


def _letter(rows: list[Any]) -> mail.Letter:
    first, last = rows[0], rows[-1]
    return mail.Letter(
        first["email"],
        first["name"],
        first["company"],
        first["person"],
        {"digest": digest(rows)},
        once_key=f"notifications:{first['person']}:{last['id']}",
    )
