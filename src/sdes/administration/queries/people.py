"""Reads of a company's people and of who holds which use case. One query a table, however many people."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from piccolo.columns.combination import WhereRaw

from sdes.accounts.tables import Passkey, Person, PersonState
from sdes.actor import Actor
from sdes.administration.access import people_of
from sdes.administration.inactivity import Activity
from sdes.administration.views.people import PersonView
from sdes.catalogue.queries import process_types
from sdes.catalogue.rules import UseCase, use_cases_of
from sdes.catalogue.views import ProcessTypeView
from sdes.kit import db
from sdes.kit.errors import NotFound

BIGGEST_ID = 2**31  # what a person's id stays below

_HELD = """
SELECT person, array_agg(process_type) AS processes, array_agg(level) AS levels,
       array_agg(process_type) FILTER (WHERE is_default_contact) AS default_processes,
       array_agg(level) FILTER (WHERE is_default_contact) AS default_levels
  FROM assignment WHERE company = $1 AND person = ANY ($2) GROUP BY person
"""


async def people(actor: Actor, ids: Collection[int] | None = None) -> list[PersonView]:
    """The people of the actor's company with all that belongs to them, by name; all, or those of `ids`."""
    where = people_of(actor)
    if ids is not None:
        where = where & WhereRaw("id = ANY ({})", [one for one in ids if 0 < one < BIGGEST_ID])
    rows = await Person.select().where(where).order_by(Person.name, Person.id)
    return await with_use_cases(actor, rows)


async def person(actor: Actor, person_id: int) -> PersonView:
    """That person of the actor's company; `NotFound` for anybody else."""
    found = await people(actor, [person_id])
    if not found:
        raise NotFound("There is no such person in your company.")
    return found[0]


async def with_use_cases(actor: Actor, rows: list[dict[str, Any]]) -> list[PersonView]:
    """The rows of `person` as views, their order kept: two queries more, whatever their number."""
    ids = [row["id"] for row in rows] or [0]
    held: dict[int, set[UseCase]] = defaultdict(set)
    default: dict[int, set[UseCase]] = defaultdict(set)
    for one in await db.fetch(_HELD, actor.company_id, ids):
        held[one["person"]] = set(zip(one["processes"], one["levels"], strict=True))
        default[one["person"]] = set(zip(one["default_processes"] or (), one["default_levels"] or (), strict=True))
    theirs = (Passkey.company == actor.company_id) & WhereRaw("person = ANY ({})", ids)
    keys = await Passkey.select(Passkey.person).where(theirs)
    with_key = {key["person"] for key in keys}
    return [_view(row, held[row["id"]], default[row["id"]], row["id"] in with_key) for row in rows]


async def assignable(actor: Actor) -> tuple[list[ProcessTypeView], list[UseCase]]:
    """The catalogue, and the use cases of it that people of the actor's company can be assigned to (SD 2.5)."""
    catalogue = await process_types()
    return catalogue, use_cases_of(catalogue, actor.market_roles)


def _view(row: dict[str, Any], held: set[UseCase], default: set[UseCase], has_passkey: bool) -> PersonView:
    return PersonView(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        state=PersonState(row["state"]),
        is_master_admin=row["is_master_admin"],
        functions=tuple(row["functions"] or ()),
        is_proxy_address=row["is_proxy_address"],
        email_verified_at=row["email_verified_at"],
        last_sign_in_at=row["last_sign_in_at"],
        is_waiting=row["password_is_single_use"],
        has_second_factor=has_passkey or row["totp_confirmed_at"] is not None,
        activity=Activity(row["created_at"], row["last_sign_in_at"], row["reinstated_at"], row["warned_from"]),
        use_cases=frozenset(held),
        default_for=frozenset(default),
    )
