"""The history of a communication: one line in the audit log, which both its parties may read (SD 13.1)."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sdes import auditlog
from sdes.actor import Actor
from sdes.catalogue.views import FUELS, process_title
from sdes.sdep.queries.counts import counts_change
from sdes.sdep.views import CommunicationView

VIEWED = "sdep.communication.viewed"


async def record(
    actor: Actor, event: str, view: CommunicationView, detail: str = "", *, audience: Sequence[int] = ()
) -> None:
    """Adds what the actor did to the communication, in the open transaction; both parties read it, or `audience` alone.

    The log outlives the communication (SD 13.1), so `detail` holds nothing of its words: files are spoken of by
    `file_mark`, tags and reasons not at all.
    """
    if event != VIEWED or view.status == "archived":  # who looks changes no count but that of the archive's unread
        counts_change(actor)
    await auditlog.record(
        actor,
        event,
        subject=view.reference,
        audience=audience or view.companies,
        process=view.process_title,
        fuel=view.fuel,
        detail=detail,
    )


async def record_of_many(actor: Actor, event: str, rows: Iterable[Any]) -> None:
    """The same for what the system does to many at once: `rows` have reference, title, contact_type, fuel, and the
    companies of both parties as sending and receiving."""
    told = (
        auditlog.Entry(
            event,
            row["reference"],
            "",
            process=process_title(row["title"], row["contact_type"]),
            fuel=FUELS[row["fuel"]],
            audience=(row["sending"], row["receiving"]),
        )
        for row in rows
    )
    await auditlog.record_all(actor, told)


def file_mark(attachment: UUID | str) -> str:
    """What stands for a file in the log; readers see its name as long as it is there."""
    return f"{{file:{attachment}}}"
