"""The one trace that a report leaves: that it was taken out as a file."""

from sdes import auditlog
from sdes.actor import Actor


async def note_download(actor: Actor, title: str, kind: str, asked: str) -> None:
    """Writes down that the actor takes a report out as a file of that kind, and of what; the company's MAU sees it."""
    await auditlog.record(
        actor,
        "sdep.report.downloaded",
        detail=f"{actor.name}: {title}, {kind}{f', {asked}' if asked else ''}",
        about_company=actor.company_id,
    )
