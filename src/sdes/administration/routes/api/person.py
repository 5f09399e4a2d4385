"""One person of a company, as programs read and change them."""

from typing import Annotated

from litestar import Response, delete, get, patch, put
from litestar.params import FromPath, JSONBody, QueryParameter

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.actor import Actor
from sdes.administration.access import refuse_function_by_key, why_not_by_key, why_not_changed, why_not_removed_by_key
from sdes.administration.actions import people as actions
from sdes.administration.actions.assignments import change as assign_and_remove
from sdes.administration.actions.assignments import lock_people
from sdes.administration.forms.people import clean_name
from sdes.administration.matrix.seen import assigned
from sdes.administration.queries.people import assignable, person
from sdes.administration.routes.api.media import (
    AssignmentsMedia,
    DetailsMedia,
    FunctionsMedia,
    PersonMedia,
    functions_from,
    refuse_stale,
    told,
    use_cases_from,
)
from sdes.administration.routes.api.people import READ, WRITE, refuse_details
from sdes.administration.views.people import PersonView
from sdes.kit.errors import Refused
from sdes.permissions import Permission

ASSIGN = {"permission": Permission.API_ASSIGNMENTS_WRITE, "api": True}
TakeOver = Annotated[
    int | None,
    QueryParameter(name="take_over_by", required=False, description="The id of whoever takes what is left with nobody"),
]
MauTakes = Annotated[
    bool, QueryParameter(name="mau_takes", required=False, description="Or the MAU does, as default contact")
]


@get("/people/{person_id:int}", name="api.person", opt=READ, summary="Read a person")
async def show(request: AnyRequest, person_id: FromPath[int]) -> Response[PersonMedia]:
    """A person of your company. The ETag is what If-Match of a change names."""
    return await _told(actor_of(request), person_id)


@patch("/people/{person_id:int}", name="api.person.change", opt=WRITE, summary="Change details")
async def change(request: AnyRequest, person_id: FromPath[int], data: JSONBody[DetailsMedia]) -> Response[PersonMedia]:
    """Changes name, address or whether it is a proxy address. A new address has to be confirmed by the person, who is
    signed out. The address of people with user administration stays."""
    actor = actor_of(request)
    one = await _locked(request, person_id)
    name = clean_name(data.name) if isinstance(data.name, str) else one.name
    email = data.email.strip() if isinstance(data.email, str) else one.email
    refuse_details(name, email if email != one.email else None)
    if email != one.email:
        _refuse(why_not_by_key(one))
    is_proxy = data.is_proxy_address if isinstance(data.is_proxy_address, bool) else one.is_proxy_address
    await actions.edit(actor, person_id, name=name, email=email, is_proxy_address=is_proxy)
    return await _told(actor, person_id)


@delete("/people/{person_id:int}", name="api.person.delete", opt=WRITE, summary="Delete a person", status_code=204)
async def remove(
    request: AnyRequest, person_id: FromPath[int], take_over: TakeOver = None, mau_takes: MauTakes = False
) -> None:
    """Deletes the account for good. 409 with `use_cases` when nobody else would be left in them, unless you say who
    takes over. Not for people with user administration: 409."""
    _refuse(why_not_removed_by_key(await _locked(request, person_id)))
    await actions.delete(actor_of(request), person_id, to=take_over, mau_takes=mau_takes)


@put("/people/{person_id:int}/assignments", name="api.person.assign", opt=ASSIGN, summary="Set use cases")
async def assign(
    request: AnyRequest, person_id: FromPath[int], data: JSONBody[AssignmentsMedia]
) -> Response[PersonMedia]:
    """Puts the person in exactly these use cases. 409 with `use_cases` when nobody else would be left in some, unless
    `mau_takes`. Send If-Match so as not to undo what somebody else has changed: 412 when they have."""
    actor = actor_of(request)
    one = await _locked(request, person_id)
    _refuse(why_not_changed(actor, one))
    catalogue, _ = await assignable(actor)
    wanted, held = use_cases_from(data.use_cases, catalogue), assigned(one)
    added = [(person_id, case) for case in wanted - held]
    removed = [(person_id, case) for case in held - wanted]
    await assign_and_remove(actor, added, removed, mau_takes=data.mau_takes)
    return await _told(actor, person_id)


@put("/people/{person_id:int}/functions", name="api.person.grant", opt=WRITE, summary="Set system functions")
async def grant(request: AnyRequest, person_id: FromPath[int], data: JSONBody[FunctionsMedia]) -> Response[PersonMedia]:
    """Grants the person exactly these system functions. A key neither grants nor takes user-administration: 409."""
    one = await _locked(request, person_id)
    functions = functions_from(data.system_functions)
    refuse_function_by_key(set(functions) ^ set(one.functions))
    await actions.grant(actor_of(request), person_id, functions)
    return await _told(actor_of(request), person_id)


async def _locked(request: AnyRequest, person_id: int) -> PersonView:
    """The person, whom nobody else changes now; refused (412) if they are not as the program thinks."""
    await lock_people(actor_of(request))
    one = await person(actor_of(request), person_id)
    refuse_stale(request, one)
    return one


async def _told(actor: Actor, person_id: int) -> Response[PersonMedia]:
    catalogue, _ = await assignable(actor)
    return told(await person(actor, person_id), catalogue)


def _refuse(why: str) -> None:
    if why:
        raise Refused(why)
