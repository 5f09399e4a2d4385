"""The history of a communication: one line in the audit log, which both its parties may read (SD 13.1)."""

from collections.abc import Sequence
from uuid import UUID

from sdes import auditlog
from sdes.actor import Actor
from sdes.sdep.views import CommunicationView


async def record(
    actor: Actor, event: str, view: CommunicationView, detail: str = "", *, audience: Sequence[int] = ()
) -> None:
    """Adds what the actor did to the communication, in the open transaction; both parties read it, or `audience` alone.

    The log outlives the communication (SD 13.1), so `detail` holds nothing of its words: files are spoken of by
    `file_mark`, tags and reasons not at all.
    """
    await auditlog.record(
        actor,
        event,
        subject=view.reference,
        audience=audience or view.companies,
        process=view.process_title,
        fuel=view.fuel,
        detail=detail,
    )


def file_mark(attachment: UUID | str) -> str:
    """What stands for a file in the log; readers see its name as long as it is there."""
    return f"{{file:{attachment}}}"
