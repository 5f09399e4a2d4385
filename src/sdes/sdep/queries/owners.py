"""Who of the actor's company may own communications (SD 11.1(b)i)."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from sdes.accounts.tables import Person
from sdes.actor import Actor
from sdes.kit.kept import KeptByKey
from sdes.kit.rendering import Pairs, pairs
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


class Candidates(tuple[PossibleOwner, ...]):
    """Those who can be chosen, by name."""

    @cached_property
    def ids(self) -> frozenset[int]:
        return frozenset(one.id for one in self)

    @cached_property
    def options(self) -> Pairs:
        return pairs((one.id, one.name) for one in self)


KEPT = 20  # seconds for which somebody who has just been assigned may not be offered yet
KEPT_CANDIDATES: KeptByKey[tuple[int | None, tuple[int, ...]], Candidates] = KeptByKey(KEPT, most=5000)


async def offered_owners(actor: Actor, process_types: Collection[int]) -> Candidates:
    """Who is offered as an owner: `possible_owners` of some seconds ago. Whoever is chosen is looked at exactly."""
    key = (actor.company_id, tuple(sorted(process_types)))
    return await KEPT_CANDIDATES.value(key, lambda: possible_owners(actor, process_types))


async def possible_owners(actor: Actor, process_types: Collection[int]) -> Candidates:
    """The active people of the actor's company who are assigned to any of the process types, by name."""
    found = await Person.raw(_POSSIBLE, may_own(actor).querystring, list(process_types))
    return Candidates(PossibleOwner(row["id"], row["name"]) for row in found)
