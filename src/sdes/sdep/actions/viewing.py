"""Viewing: how far somebody has read, and 'viewed' in the audit log, a visit and a new reading each (SD 11.1(b)ii)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.notifications import actions as notifications
from sdes.notifications.queries import is_unread
from sdes.sdep.actions.alerts import seen
from sdes.sdep.actions.history import VIEWED, record
from sdes.sdep.actions.holding import if_still_there
from sdes.sdep.views import CommunicationView

# Of a person's visits the last five are remembered: two browsers in turn are two visits, not one at each request.
_VIEW = """
INSERT INTO reading AS r (company, communication, person, number, viewed_at, sessions)
VALUES ($1, $2, $3, $4, $5, ARRAY[$6::bigint])
ON CONFLICT (person, communication) DO UPDATE SET
    number = greatest(r.number, EXCLUDED.number),
    viewed_at = EXCLUDED.viewed_at,
    sessions = CASE WHEN $6 = ANY (r.sessions) THEN r.sessions
                    ELSE (r.sessions || $6::bigint)[greatest(1, cardinality(r.sessions) - 3):] END
 WHERE NOT $6 = ANY (r.sessions) OR r.number < EXCLUDED.number
RETURNING id
"""


async def view(actor: Actor, communication: CommunicationView, *, reads: bool = True) -> None:
    """Records, in the open transaction, that the actor looks at the communication; see `viewing`."""
    async with viewing(actor, communication, reads=reads):
        pass


@asynccontextmanager
async def viewing(
    actor: Actor, communication: CommunicationView, *, reads: bool = True, has_unread: bool = True
) -> AsyncIterator[None]:
    """Records that the actor looks at the communication, and with `reads` that they have its messages before them; the
    block is what they are shown: where it fails, they have seen nothing.

    Where what the communication says of the actor's reading is up to date, nothing is written, and no transaction is
    begun. `has_unread` is false where the actor had no unread notification as the request began. What has come since,
    as a message or an alert, is seen by the communication itself, and is read all the same.
    """
    number = communication.last_received if reads else 0
    has_news = communication.read < number
    is_known = not has_news and not communication.alert and actor.session_id in communication.visits
    if is_known and not (reads and has_unread and await is_unread(actor, communication.reference)):
        yield
        return
    async with db.transaction():
        if reads:
            await notifications.read(actor, communication.reference)
        if actor.session_id not in communication.visits or has_news:
            await _visit(actor, communication, number)
        if communication.alert:
            await seen(actor, communication)
        yield


async def _visit(actor: Actor, communication: CommunicationView, number: int) -> None:
    with if_still_there():
        is_visit = await db.fetch(
            _VIEW, actor.company_id, communication.id, actor.person_id, number, clock.now(), actor.session_id
        )
    if is_visit:
        await record(actor, VIEWED, communication)
    await db.fetch(
        "UPDATE communication_party SET last_read = $1 WHERE communication = $2 AND company = $3 AND last_read < $1",
        number,
        communication.id,
        actor.company_id,
    )
