"""Who of the actor's company may own communications (SD 11.1(b)i)."""

from collections.abc import Collection
from dataclasses import dataclass

from sdes.accounts.tables import Person
from sdes.actor import Actor
from sdes.sdep.access import may_own

_POSSIBLE = """
SELECT p.id, p.name FROM person p
 WHERE {} AND EXISTS (SELECT 1 FROM assignment a WHERE a.person = p.id AND a.process_type = ANY ({}))
 ORDER BY lower(p.name), p.id
"""


@dataclass(frozen=True)
class PossibleOwner:
    """A person who can be chosen."""

    id: int
    name: str


async def possible_owners(actor: Actor, process_types: Collection[int]) -> list[PossibleOwner]:
    """The active people of the actor's company who are assigned to any of the process types, by name."""
    found = await Person.raw(_POSSIBLE, may_own(actor).querystring, list(process_types))
    return [PossibleOwner(row["id"], row["name"]) for row in found]
