"""The rows that somebody has ticked in a list, as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sdes.actor import Actor
from sdes.sdep.access import visible_to
from sdes.sdep.due import still_due
from sdes.sdep.tables import CommunicationParty

_CHOSEN = """
SELECT c.reference, c.subject, x.name AS other_company, p.process_type, p.tags, o.name AS owner,
       CASE WHEN p.archived_at IS NULL THEN p.due_at END AS due_at, p.is_due_from_us
  FROM communication_party p
  JOIN communication c ON c.id = p.communication
  JOIN company x ON x.id = p.other_company
  LEFT JOIN person o ON o.id = p.owner
 WHERE {} AND c.reference = ANY ({})
"""


@dataclass(frozen=True)
class Chosen:
    """A ticked row."""

    reference: str
    subject: str
    other_company: str
    process_type: int
    owner: str | None
    tags: list[str]
    due_at: datetime | None
    is_due_from_us: bool

    def still_due(self, actor: Actor) -> str:
        """Of which company a response is due until when; empty where none is."""
        return still_due(self.due_at, actor.company_name if self.is_due_from_us else self.other_company)


async def chosen(actor: Actor, references: Sequence[str]) -> list[Chosen]:
    """Those of the communications that exist for the actor, in the order given."""
    found = await CommunicationParty.raw(_CHOSEN, visible_to(actor).querystring, list(references))
    rows = {row["reference"]: Chosen(**{**row, "tags": list(row["tags"] or ())}) for row in found}
    return [rows[reference] for reference in references if reference in rows]
