"""The one trace that reading the audit log leaves: that it was taken out as a file."""

from sdes import auditlog
from sdes.actor import Actor


async def note_export(actor: Actor, kind: str, filtered_by: dict[str, str]) -> None:
    """Writes down that the actor takes entries out as a file of that kind, and which were asked for."""
    asked = ", ".join(f"{name} {value}" for name, value in filtered_by.items() if value)
    await auditlog.record(
        actor,
        "administration.audit.exported",
        detail=f"{actor.name}: {kind}, {asked or 'all entries'}",
        about_company=actor.company_id,
    )
