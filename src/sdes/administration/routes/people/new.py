"""A new Authorised Person: who they are, what they may do, and what they work on (SD 2.3, 2.6)."""

from collections.abc import Collection
from typing import Any

from litestar import Response, get, post

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.accounts.functions import SystemFunction
from sdes.administration.access import why_user_administration_stays
from sdes.administration.actions.people import NewPerson, create
from sdes.administration.forms.people import Details, details_from, functions_from, person_id_from
from sdes.administration.matrix.of_person import NEW, grid, wanted
from sdes.administration.matrix.seen import Seen, Unreadable, assigned
from sdes.administration.queries.colleagues import colleagues
from sdes.administration.queries.people import assignable, people
from sdes.administration.routes.people.pages import Errors, function_choices
from sdes.catalogue.rules import UseCase
from sdes.kit.errors import Refused
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission

MANAGE = {"permission": Permission.PERSON_MANAGE}


@get("/users/new", name="administration.person.new", opt=MANAGE)
async def new(request: AnyRequest) -> Response[Any]:
    """The empty form."""
    return await _form(request, Details())


@post("/users", name="administration.person.create", opt=MANAGE)
async def add(request: AnyRequest) -> Response[Any]:
    """Makes the account and sends its single-use password; a form with a mistake comes back whole."""
    form, actor = await read_form(request, cookie_of(request)), actor_of(request)
    details, errors = details_from(form)
    functions, colleague = functions_from(form), person_id_from(form.raw("colleague"))
    _, allowed = await assignable(actor)
    try:
        cases = wanted(form, Seen((NEW,), tuple(allowed), frozenset()))
    except Unreadable:
        cases, errors = frozenset(), {**errors, "": "Your company's use cases have changed meanwhile. Tick them again."}
    copied: frozenset[UseCase] = frozenset()
    if form.raw("colleague"):
        found = await people(actor, [colleague or 0])
        copied = assigned(found[0]) & set(allowed) if found else frozenset()
        errors |= {} if found else {"colleague": "Choose a colleague of your company, or nobody"}
    if not errors:
        person = NewPerson(details.name, details.email, details.is_proxy_address, functions, cases | copied)
        try:
            return go(request, f"/users/{await create(actor, person)}?done=1")
        except Refused as refusal:
            errors = {"email" if "address" in str(refusal) else "": str(refusal)}
    return await _form(request, details, functions, cases, colleague, errors, 422)


async def _form(
    request: AnyRequest,
    details: Details,
    functions: Collection[str] = (),
    cases: Collection[UseCase] = (),
    colleague: int | None = None,
    errors: Errors | None = None,
    status: int = 200,
) -> Response[Any]:
    actor = actor_of(request)
    catalogue, allowed = await assignable(actor)
    models = [(one.id, f"{one.name} ({one.assigned})") for one in await colleagues(actor) if one.assigned]
    return page(
        request,
        "templates/administration/new_person.html",
        status,
        section="people",
        details=details,
        functions=function_choices(actor),
        why_fixed=why_user_administration_stays(actor, [SystemFunction.USER_ADMINISTRATION]),
        granted=functions,
        grid=grid(catalogue, Seen((NEW,), tuple(allowed), frozenset()), cases),
        colleagues=models,
        colleague=colleague or "",
        errors=errors or {},
    )
