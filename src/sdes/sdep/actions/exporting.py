"""Who took communications out of the portal, in the audit log of their company's administration (SD 13.1)."""

from sdes import auditlog
from sdes.actor import Actor
from sdes.kit import clock, db

_ALREADY = """
SELECT 1 FROM audit_entry
 WHERE about_company = $1 AND at >= $2 AND event = 'administration.communications.fetched'
   AND person_name = $3 AND detail = $4 LIMIT 1
"""


async def note_export(actor: Actor, what: str) -> None:
    """Records that a person has downloaded the communications that `what` says."""
    await auditlog.record(actor, "sdep.export.downloaded", detail=what, about_company=actor.company_id)


async def note_fetch(actor: Actor, what: str) -> None:
    """Records that a program has read `what` with its key, once in an hour: programs ask page by page."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    if not await db.fetch(_ALREADY, actor.company_id, hour, actor.name[:120], what):
        await auditlog.record(
            actor, "administration.communications.fetched", detail=what, about_company=actor.company_id
        )
