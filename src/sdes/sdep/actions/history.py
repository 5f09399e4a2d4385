"""The history of a communication: one line in the audit log, which both its parties may read (SD 13.1)."""

from sdes import auditlog
from sdes.actor import Actor
from sdes.sdep.views import CommunicationView


async def record(actor: Actor, event: str, view: CommunicationView, detail: str = "") -> None:
    """Adds what the actor did to the communication, in the open transaction."""
    await auditlog.record(
        actor,
        event,
        subject=view.reference,
        audience=view.companies,
        process=view.process_title,
        fuel=view.fuel,
        detail=detail,
    )
