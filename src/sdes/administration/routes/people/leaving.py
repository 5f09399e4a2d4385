"""Suspending and deleting somebody: what would be left with nobody, and who takes it over (SD 2.5(b), 2.6, 2.7(c))."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.administration.access import why_not_removed
from sdes.administration.actions import people as actions
from sdes.administration.forms.people import person_id_from
from sdes.administration.queries.colleagues import colleagues
from sdes.administration.queries.listing import gaps
from sdes.administration.queries.people import assignable, person
from sdes.administration.views.people import PersonView
from sdes.administration.words import titles
from sdes.kit.errors import Refused
from sdes.kit.forms import Form, read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission

MANAGE = {"permission": Permission.PERSON_MANAGE}
MAU_TAKES = "mau"
CHOOSE = "Choose who takes over: a colleague or the Master Admin User"


@get("/users/{person_id:int}/suspension", name="administration.person.suspension", opt=MANAGE)
async def ask_suspension(request: AnyRequest, person_id: FromPath[int]) -> Response[Any]:
    """Asks before somebody is suspended."""
    return await _ask(request, await person(actor_of(request), person_id), "suspension")


@post("/users/{person_id:int}/suspension", name="administration.person.suspend", opt=MANAGE)
async def suspend(request: AnyRequest, person_id: FromPath[int]) -> Response[Any]:
    """Shuts somebody out until they are reinstated."""
    return await _carry_out(request, person_id, "suspension", actions.suspend, f"/users/{person_id}?done=1")


@post("/users/{person_id:int}/reinstatement", name="administration.person.reinstate", opt=MANAGE)
async def reinstate(request: AnyRequest, person_id: FromPath[int]) -> Response[Any]:
    """Lets a suspended person in again."""
    await read_form(request, cookie_of(request))
    await actions.reinstate(actor_of(request), person_id)
    return go(request, f"/users/{person_id}?done=1")


@get("/users/{person_id:int}/deletion", name="administration.person.deletion", opt=MANAGE)
async def ask_deletion(request: AnyRequest, person_id: FromPath[int]) -> Response[Any]:
    """Asks before somebody is deleted."""
    return await _ask(request, await person(actor_of(request), person_id), "deletion")


@post("/users/{person_id:int}/deletion", name="administration.person.delete", opt=MANAGE)
async def delete(request: AnyRequest, person_id: FromPath[int]) -> Response[Any]:
    """Deletes somebody's account."""
    return await _carry_out(request, person_id, "deletion", actions.delete, f"/users?deleted={person_id}")


async def _carry_out(
    request: AnyRequest, person_id: int, what: str, action: Callable[..., Awaitable[None]], afterwards: str
) -> Response[Any]:
    """Does it with whoever the form says takes over, or asks again."""
    form, actor = await read_form(request, cookie_of(request)), actor_of(request)
    leaver = await person(actor, person_id)
    chosen = form.raw("take_over")
    try:
        await action(actor, person_id, to=person_id_from(chosen), mau_takes=chosen == MAU_TAKES)
    except Refused as refusal:
        return await _ask(request, leaver, what, form, refusal)
    return go(request, afterwards)


async def _ask(
    request: AnyRequest, leaver: PersonView, what: str, form: Form | None = None, refusal: Refused | None = None
) -> Response[Any]:
    """The confirmation page: 409 for those whom nobody may remove, 422 where the one who takes over is still to be
    chosen."""
    actor = actor_of(request)
    if why := why_not_removed(actor, leaver):
        raise Refused(why)
    catalogue, _ = await assignable(actor)
    left = (await gaps(actor)).only.get(leaver.id, []) if leaver.is_active else []
    others = [one for one in await colleagues(actor) if one.id != leaver.id]
    chosen = form.raw("take_over") if form else ""
    errors = {"take_over": str(refusal) if chosen else CHOOSE} if refusal else {}
    return page(
        request,
        "templates/administration/leaving.html",
        422 if refusal else 200,
        section="people",
        person=leaver,
        what=what,
        left=titles(catalogue, left),
        heirs=[(one.id, one.name) for one in others if one.is_active and not one.is_master_admin],
        master_admin=next((one.name for one in others if one.is_master_admin), ""),
        chosen=chosen,
        errors=errors,
    )
