"""The alert of files that failed their virus check: it stands until those who sent them have looked (SD 11.1(g))."""

from typing import Any

from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.sdep.views import CommunicationView

NAME_LIMIT = 120  # characters

# A file whose writer is gone concerns whoever of the company looks.
_UNSEEN = """
SELECT a.name, w.id AS writer
  FROM message_attachment m
  JOIN message g ON g.id = m.message
  JOIN attachment a ON a.id = m.attachment
  LEFT JOIN person w ON w.id = g.person AND w.state = 'active'
 WHERE m.communication = $1 AND g.company = $2 AND a.state = 'failed'
   AND NOT EXISTS (SELECT 1 FROM reading r WHERE r.communication = m.communication AND r.company = $2
                   AND r.viewed_at >= a.checked_at AND (w.id IS NULL OR r.person = w.id))
 ORDER BY a.checked_at, m.id
"""


async def tell(actor: Actor, communication_id: int, company_id: int) -> None:
    """Sets the company's alert to the failed files that their writers have not seen yet; none, and it is cleared."""
    await db.fetch(
        "UPDATE communication_party SET alert = $1 WHERE communication = $2 AND company = $3 AND alert <> $1",
        _alert_text([row["name"] for row in await _unseen(communication_id, company_id)]),
        communication_id,
        company_id,
    )


async def seen(actor: Actor, communication: CommunicationView) -> None:
    """The actor has the alert before them: what concerns them has been told."""
    assert actor.company_id is not None
    if {actor.person_id, None} & {row["writer"] for row in await _unseen(communication.id, actor.company_id)}:
        await db.fetch(
            "UPDATE reading SET viewed_at = $1 WHERE person = $2 AND communication = $3",
            clock.now(),
            actor.person_id,
            communication.id,
        )
    await tell(actor, communication.id, actor.company_id)


def _alert_text(names: list[str]) -> str:
    """The alert in words; empty without names."""
    if not names:
        return ""
    others = f" and {len(names) - 1} more files" if len(names) > 2 else " and 1 more file" if len(names) == 2 else ""
    return f"{names[0][:NAME_LIMIT]}{others} failed the virus check"


async def _unseen(communication_id: int, company_id: int) -> list[Any]:
    return await db.fetch(_UNSEEN, communication_id, company_id)
