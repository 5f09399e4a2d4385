"""What the virus check of a sent file means for its communication: a line in the audit log, and the sender is told."""

from uuid import UUID

from sdes import auditlog
from sdes.actor import Actor
from sdes.kit import db

_WHERE = """
SELECT a.name, a.state, a.reason, a.company, c.id, c.reference, t.title, t.contact_type, t.fuel,
       array_agg(p.company) AS companies
  FROM attachment a
  JOIN message_attachment m ON m.attachment = a.id
  JOIN communication c ON c.id = m.communication
  JOIN process_type t ON t.id = c.process_type
  JOIN communication_party p ON p.communication = c.id
 WHERE a.id = $1 AND a.state <> 'pending'
   AND NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.subject = c.reference
                   AND e.event IN ('sdep.attachment.failed', 'sdep.attachment.passed') AND e.detail LIKE a.name || '%')
 GROUP BY a.id, c.id, t.id
"""


async def tell_of_check(actor: Actor, attachment_id: UUID) -> None:
    """Records the verdict once; for a failed file, the sender's list and thread say so (SD 8.4(b), 11.1(g))."""
    assert actor.is_system
    for row in await db.fetch(_WHERE, attachment_id):
        failed = row["state"] == "failed"
        await auditlog.record(
            actor,
            f"sdep.attachment.{'failed' if failed else 'passed'}",
            subject=row["reference"],
            audience=row["companies"],
            process=f"{row['title']} - {row['contact_type']}",
            fuel=row["fuel"],
            detail=f"{row['name']} failed the virus check. {row['reason']}" if failed else row["name"],
        )
        if failed:
            await db.fetch(
                "UPDATE communication_party SET alert = $1 WHERE communication = $2 AND company = $3",
                f"{row['name'][:120]} failed the virus check",
                row["id"],
                row["company"],
            )
