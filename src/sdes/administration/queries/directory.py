"""Reads of a company's people for programs: in the order of creation, which no change disturbs."""

from sdes.accounts.tables import Person
from sdes.actor import Actor
from sdes.administration.access import people_of
from sdes.administration.queries.people import with_use_cases
from sdes.administration.views.people import PersonView

MOST = 500  # people on a page


async def directory(actor: Actor, *, state: str, email: str, after: int, limit: int) -> list[PersonView]:
    """At most `limit` people of the actor's company whose number is above `after`; `state` and `email`, where they are
    not empty, are those that they have."""
    where = people_of(actor) & (Person.id > min(after, 2**31 - 1))
    if "\0" in email:
        return []  # nobody has such an address, and the database takes none
    if state:
        where = where & (Person.state == state)
    if email:
        where = where & (Person.email_key == email.strip().lower())
    rows = await Person.select().where(where).order_by(Person.id).limit(limit)
    return await with_use_cases(actor, rows)


async def id_of_address(actor: Actor, email: str) -> int | None:
    """Whose address it is in the actor's company, if anybody's."""
    found = await Person.select(Person.id).where(people_of(actor), Person.email_key == email.lower()).first()
    return int(found["id"]) if found else None
