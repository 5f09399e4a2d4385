"""What a list may be narrowed to: the actor's processes, the colleagues, and the companies there is matter with."""

from dataclasses import dataclass
from functools import cached_property

from sdes.actor import Actor
from sdes.catalogue.views import process_name
from sdes.kit import db
from sdes.kit.kept import KeptByKey
from sdes.kit.rendering import Pairs, pairs
from sdes.sdep.filters import Filters

MOST_PEOPLE = 500
MOST_COMPANIES = 300
KEPT = 20  # seconds for which somebody who has just come may not be offered yet

# The companies are found by leaps through an index, one look-up each, however many communications there are.
_CHOICES = f"""
WITH RECURSIVE leap(id, n) AS (
    (SELECT p.other_company, 1 FROM communication_party p WHERE p.company = $2 AND $6
      ORDER BY p.other_company LIMIT 1)
    UNION ALL
    SELECT (SELECT p.other_company FROM communication_party p WHERE p.company = $2 AND p.other_company > leap.id
             ORDER BY p.other_company LIMIT 1), leap.n + 1
      FROM leap WHERE leap.id IS NOT NULL AND leap.n < {MOST_COMPANIES}
)
SELECT 'process' AS kind, t.id, t.code, t.title, t.contact_type AS name, t.position, t.fuel
  FROM process_type t WHERE t.id = ANY ($1)
UNION ALL
SELECT 'company', x.id, '', '', x.name, 0, '' FROM leap JOIN company x ON x.id = leap.id
UNION ALL
SELECT 'company', x.id, '', '', x.name, 0, '' FROM company x
 WHERE x.id = $5 AND $6
   AND EXISTS (SELECT 1 FROM communication_party p WHERE p.company = $2 AND p.other_company = $5)
UNION ALL
(SELECT 'person', n.id, '', '', n.name, 0, '' FROM person n
  WHERE n.company = $2 AND n.state <> 'deleted' AND (n.id = ANY ($3) OR $4)
  ORDER BY n.id <> ALL ($3), lower(n.name), n.id LIMIT {MOST_PEOPLE})
"""


KEPT_CHOICES: KeptByKey[tuple[int | None, tuple[int, ...], bool], "Choices"] = KeptByKey(KEPT, most=2000)


@dataclass(frozen=True)
class ProcessChoice:
    """One process type that the actor is assigned to."""

    id: int
    code: str
    title: str
    contact_type: str
    fuel: str

    @property
    def name(self) -> str:
        return process_name(self.title, self.contact_type, self.fuel)


@dataclass(frozen=True)
class Choices:
    """What may be chosen, each list in the order in which it is shown; companies and people by id."""

    processes: list[ProcessChoice]
    companies: dict[int, str]
    people: dict[int, str]

    @cached_property
    def company_options(self) -> Pairs:
        return pairs(self.companies.items())

    @cached_property
    def people_options(self) -> Pairs:
        return pairs(self.people.items())

    @cached_property
    def process_groups(self) -> tuple[tuple[str, Pairs], ...]:
        """The processes as a form offers them: by title, all of a title first."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for process in self.processes:
            groups.setdefault(process.title, []).append((process.code, process.name))
        return tuple((title, pairs([(title, f"All {title}"), *types])) for title, types in groups.items())


async def choices(actor: Actor, filters: Filters, *, all_people: bool = True) -> Choices:
    """What the actor may choose from, and of what `filters` name whatever there is. The companies are those with which
    the actor's company has communications, none where the actor is assigned to no process."""
    named = [int(value) for value in (filters.owner, filters.person) if value.isdecimal()]
    company = int(filters.company or 0)
    key = (actor.company_id, actor.process_types, all_people)
    usual = await KEPT_CHOICES.value(key, lambda: _asked(actor, [], 0, all_people=all_people))
    if usual.people.keys() >= set(named) and (not company or company in usual.companies):
        return usual
    return await _asked(actor, named, company, all_people=all_people)


async def _asked(actor: Actor, named: list[int], company: int, *, all_people: bool) -> Choices:
    found = await db.fetch(
        _CHOICES,
        list(actor.process_types),
        actor.company_id,
        named,
        all_people,
        company,
        bool(actor.process_types),
    )
    processes = sorted(
        (row for row in found if row["kind"] == "process"), key=lambda row: (row["position"], row["code"])
    )
    return Choices(
        [ProcessChoice(row["id"], row["code"], row["title"], row["name"], row["fuel"]) for row in processes],
        *(
            dict(sorted({row["id"]: row["name"] for row in found if row["kind"] == kind}.items(), key=_by_name))
            for kind in ("company", "person")
        ),
    )


def _by_name(choice: tuple[int, str]) -> tuple[str, int]:
    return choice[1].casefold(), choice[0]
