"""The rows that somebody has ticked in a list, as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass

from sdes.actor import Actor
from sdes.sdep.access import visible_to
from sdes.sdep.tables import CommunicationParty

_CHOSEN = """
SELECT c.reference, c.subject, x.name AS other_company, p.process_type, p.tags, o.name AS owner
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


async def chosen(actor: Actor, references: Sequence[str]) -> list[Chosen]:
    """Those of the communications that exist for the actor, in the order given."""
    found = await CommunicationParty.raw(_CHOSEN, visible_to(actor).querystring, list(references))
    rows = {row["reference"]: Chosen(**{**row, "tags": list(row["tags"] or ())}) for row in found}
    return [rows[reference] for reference in references if reference in rows]
