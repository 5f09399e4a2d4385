"""Reads of a company's people by name alone: those whom a form offers to be chosen."""

from dataclasses import dataclass

from sdes.accounts.tables import Person
from sdes.actor import Actor
from sdes.administration.access import people_of

_COLLEAGUES = """
SELECT id, name, state = 'active' AS is_active, is_master_admin, coalesce(a.n, 0) AS assigned
  FROM person
  LEFT JOIN (SELECT person, count(*)::int AS n FROM assignment WHERE company = {} AND NOT is_default_contact
              GROUP BY person) a ON a.person = person.id
 WHERE {} ORDER BY name, id
"""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to choose; `assigned` to so many use cases, those where they only stand in left out."""

    id: int
    name: str
    is_active: bool
    is_master_admin: bool
    assigned: int


async def colleagues(actor: Actor) -> list[Colleague]:
    """The people of the actor's company, by name, in one query."""
    rows = await Person.raw(_COLLEAGUES, actor.company_id, people_of(actor).querystring)
    return [Colleague(**row) for row in rows]
