"""What the virus check of a sent file means for its communication: a line in the audit log, and the sender is told."""

from uuid import UUID

from sdes import auditlog
from sdes.actor import Actor
from sdes.catalogue.views import FUELS, process_title
from sdes.kit import db
from sdes.sdep.actions import alerts
from sdes.sdep.actions.history import file_mark

_WHERE = """
SELECT a.state, a.company, a.audience, c.id, c.reference, t.title, t.contact_type, t.fuel
  FROM attachment a
  JOIN message_attachment m ON m.attachment = a.id
  JOIN communication c ON c.id = m.communication
  JOIN process_type t ON t.id = c.process_type
 WHERE a.id = $1 AND a.state <> 'pending'
"""


async def tell_of_check(actor: Actor, attachment_id: UUID) -> None:
    """Records the verdict; for a failed file, the sender's list and thread say so (SD 8.4(b), 11.1(g)).

    Called in the transaction that writes the verdict, which the sending of the same file waits for, or the other way
    round. Does nothing for a file that is not sent: its writer finds the verdict with the draft.
    """
    assert actor.is_system
    for row in await db.fetch(_WHERE, attachment_id):
        failed = row["state"] == "failed"
        await auditlog.record(
            actor,
            f"sdep.attachment.{'failed' if failed else 'passed'}",
            subject=row["reference"],
            audience=row["audience"],
            process=process_title(row["title"], row["contact_type"]),
            fuel=FUELS[row["fuel"]],
            detail=f"{file_mark(attachment_id)} failed the virus check" if failed else file_mark(attachment_id),
        )
        await db.fetch("UPDATE communication_party SET changed_at = now() WHERE communication = $1", row["id"])
        if failed:
            await alerts.tell(actor, row["id"], row["company"])
