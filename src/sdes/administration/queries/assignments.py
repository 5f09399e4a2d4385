"""Reads of the matrix of people by use cases: a page of the people searched for, and who changed a cell last."""

from dataclasses import dataclass

from piccolo.columns.combination import And, Where, WhereRaw

from sdes.accounts.tables import Person
from sdes.actor import Actor
from sdes.administration.access import people_of
from sdes.administration.matrix.filter import Filter
from sdes.administration.queries.people import with_use_cases
from sdes.administration.views.people import PersonView
from sdes.auditlog.queries import entries_about

_HOLDS = """
person.id IN (SELECT a.person FROM assignment a WHERE a.company = {} AND a.process_type = {} AND a.level = {}
                 AND NOT a.is_default_contact)
"""


@dataclass(frozen=True)
class Found:
    """A page of people, by name, and how many there are on all pages."""

    people: list[PersonView]
    total: int


async def page_of(actor: Actor, asked: Filter) -> Found:
    """The people on the page that is asked for. As many queries for five people as for five hundred."""
    where = _where(actor, asked)
    total = await Person.count().where(where)
    rows = (
        await Person.select()
        .where(where)
        .order_by(Person.name, Person.id)
        .limit(asked.size)
        .offset((asked.page - 1) * asked.size)
    )
    return Found(await with_use_cases(actor, rows), total)


async def everybody(actor: Actor, asked: Filter) -> list[PersonView]:
    """All people searched for, on whatever page."""
    rows = await Person.select().where(_where(actor, asked)).order_by(Person.name, Person.id)
    return await with_use_cases(actor, rows)


async def changed_by(actor: Actor, person_id: int, title: str) -> str:
    """Who last changed that person's assignment to the use case in words; empty where the log does not say."""
    for entry in await entries_about(actor, f"person {person_id}", 50):
        if title in entry.detail:
            return entry.person_name
    return ""


def _where(actor: Actor, asked: Filter) -> And | Where:
    where = people_of(actor)
    if asked.words:
        pattern = "%" + asked.words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        where = where & (Person.name.ilike(pattern) | Person.email_key.like(pattern))
    if asked.holds:
        where = where & WhereRaw(_HOLDS, actor.company_id, *asked.holds)
    return where
