"""Viewing: how far somebody has read, and the audit log's 'viewed', once per person and visit (SD 11.1(b)ii)."""

from sdes import auditlog
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.sdep.tables import CommunicationParty
from sdes.sdep.views import CommunicationView

_VISIT = """
INSERT INTO reading (company, communication, person, number, viewed_at, session) VALUES ($1, $2, $3, 0, $4, $5)
ON CONFLICT (person, communication) DO UPDATE SET viewed_at = EXCLUDED.viewed_at, session = EXCLUDED.session
 WHERE reading.session <> EXCLUDED.session
RETURNING id
"""


async def view(actor: Actor, communication: CommunicationView, read: int, session: int) -> None:
    """Marks all messages read and records the visit.

    `read` and `session` are what the actor's reading said before; where both are up to date, nothing is written.
    """
    if session != actor.session_id:
        visited = await db.fetch(
            _VISIT, actor.company_id, communication.id, actor.person_id, clock.now(), actor.session_id
        )
        if visited:
            await auditlog.record(
                actor,
                "sdep.communication.viewed",
                subject=communication.reference,
                audience=communication.companies,
                process=communication.process_title,
                fuel=communication.fuel,
            )
    if read < communication.message_count:
        await db.fetch(
            "UPDATE reading SET number = greatest(number, $1) WHERE person = $2 AND communication = $3",
            communication.message_count,
            actor.person_id,
            communication.id,
        )
        await db.fetch(
            "UPDATE communication_party SET last_read = greatest(last_read, $1)"
            " WHERE communication = $2 AND company = $3 AND last_read < $1",
            communication.message_count,
            communication.id,
            actor.company_id,
        )
    if communication.alert:
        await CommunicationParty.update({CommunicationParty.alert: ""}).where(
            CommunicationParty.communication == communication.id, CommunicationParty.company == actor.company_id
        )
