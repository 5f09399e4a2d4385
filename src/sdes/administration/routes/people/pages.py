"""What the pages of one person draw, whichever form on them was sent."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from litestar import Response

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.accounts.functions import SystemFunction, grantable
from sdes.actor import Actor
from sdes.administration.access import (
    why_functions_are_fixed,
    why_no_password,
    why_no_proxy,
    why_not_changed,
    why_not_removed,
    why_second_factor_stays,
    why_unverified,
    why_user_administration_stays,
)
from sdes.administration.audit.words import words_for
from sdes.administration.forms.people import Details, functions_mark
from sdes.administration.matrix.of_person import grid
from sdes.administration.matrix.seen import Seen, assigned, shown
from sdes.administration.queries.listing import gaps
from sdes.administration.queries.people import assignable
from sdes.administration.routes.people.told import what_was_done
from sdes.administration.views.people import PersonView
from sdes.administration.words import titles
from sdes.auditlog.queries import entries_about
from sdes.catalogue.rules import UseCase
from sdes.kit.rendering import page

HISTORY = 50  # entries on a person's page; the whole is in the audit log

Errors = dict[str, str]


@dataclass(frozen=True)
class Sent:
    """What was typed into one of the forms of a person's page, to be drawn again; None where nothing was.

    `details_mark` and `functions_mark` are what the drawn form is taken to have shown.
    """

    details: Details | None = None
    functions: Collection[str] | None = None
    seen: Seen | None = None
    ticked: Collection[UseCase] | None = None
    needs_mau: bool = False  # the Master Admin User has to take what would be left with nobody
    errors: dict[str, Errors] = field(default_factory=dict)  # by form, then by field


async def person_page(
    request: AnyRequest, person: PersonView, status: int = 200, sent: Sent | None = None
) -> Response[Any]:
    """One person with the three forms, what may be done to them, and their history."""
    actor, sent = actor_of(request), sent or Sent()
    catalogue, allowed = await assignable(actor)
    found = await gaps(actor)
    only = found.only.get(person.id, [])
    seen = sent.seen or shown([person], cases_of(allowed, person))
    ticked = assigned(person) if sent.ticked is None else sent.ticked
    entries = await entries_about(actor, f"person {person.id}", HISTORY)
    is_new = request.query_params.get("done") == "1"
    return page(
        request,
        "templates/administration/person.html",
        status,
        section="people",
        person=person,
        details=sent.details or Details.of(person),
        details_mark=Details.of(person).mark,
        functions=function_choices(actor, person),
        granted=person.functions if sent.functions is None else sent.functions,
        functions_mark=functions_mark(person.functions),
        grid=grid(catalogue, seen, ticked, only=only, stands_in=person.default_for),
        only=titles(catalogue, only),
        needs_mau=sent.needs_mau,
        why=reasons(actor, person),
        entries=entries,
        words=words_for,
        errors={"details": {}, "functions": {}, "assignments": {}, **sent.errors},
        done=what_was_done(actor, entries, name=person.name, email=person.email) if is_new else "",
    )


def cases_of(allowed: list[UseCase], person: PersonView) -> list[UseCase]:
    """The use cases that a person's matrix shows: those of the company, and what they still hold beside them."""
    return [*allowed, *sorted(person.use_cases - set(allowed))]


def function_choices(actor: Actor, person: PersonView | None = None) -> list[tuple[str, str, str]]:
    """The system functions that the form offers: what the company can have, and what the person has, but for what the
    actor neither grants nor takes."""
    offered = {*grantable(actor.market_roles), *(person.functions if person else ())}
    if person and why_functions_are_fixed(actor, person):
        fixed = set()  # all of them are only told
    else:
        fixed = {one for one in offered if why_user_administration_stays(actor, [one])}
    return [(one.value, one.label, one.hint) for one in SystemFunction if one in offered - fixed]


def not_offered(actor: Actor, person: PersonView) -> list[str]:
    """The system functions that a person has and keeps, because the form does not offer them to the actor."""
    return [one for one in person.functions if why_user_administration_stays(actor, [one])]


def reasons(actor: Actor, person: PersonView) -> dict[str, str]:
    """Why a button is missing, by what it would do; empty where it is there."""
    return {
        "change": why_not_changed(actor, person),
        "proxy": why_no_proxy(person),
        "grant": why_functions_are_fixed(actor, person),
        "user_administration": why_user_administration_stays(actor, [SystemFunction.USER_ADMINISTRATION]),
        "remove": why_not_removed(actor, person),
        "password": why_no_password(actor, person),
        "second_factor": why_second_factor_stays(actor, person),
        "verify": why_not_changed(actor, person) or why_unverified(person),
    }
