"""One person of the company: their details, their system functions, their use cases (SD 2.5, 2.6)."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.accounts.routes.security import first_confirm
from sdes.administration.actions import matrix as saving
from sdes.administration.actions import people as actions
from sdes.administration.actions.assignments import LeftWithNobody, lock_people
from sdes.administration.forms.people import Details, details_from, functions_from, functions_mark
from sdes.administration.matrix.of_person import wanted
from sdes.administration.matrix.seen import Seen, Unreadable, changes, on_top
from sdes.administration.queries.people import person
from sdes.administration.routes.people.pages import Sent, not_offered, person_page
from sdes.administration.words import MEANWHILE
from sdes.kit.errors import Refused
from sdes.kit.forms import read_form
from sdes.kit.rendering import go
from sdes.permissions import Permission

MANAGE = {"permission": Permission.PERSON_MANAGE}
UNREADABLE = "The form could not be read. It is shown as things are now: make your changes again."


@get("/users/{person_id:int}", name="administration.person", opt=MANAGE)
async def show(request: AnyRequest, person_id: FromPath[int]) -> Response[Any]:
    """Everything about one person."""
    return await person_page(request, await person(actor_of(request), person_id))


@post("/users/{person_id:int}", name="administration.person.change", opt=MANAGE)
async def change_details(request: AnyRequest, person_id: FromPath[int]) -> Response[Any]:
    """Saves name and address, unless somebody else did meanwhile."""
    form, actor = await read_form(request, cookie_of(request)), actor_of(request)
    await lock_people(actor)
    before = await person(actor, person_id)
    details, errors = details_from(form)
    moves_oneself = person_id == actor.person_id and details.email != before.email
    if moves_oneself and (answer := await first_confirm(request, f"/users/{person_id}")):
        return answer
    present = Details.of(before)
    if form.raw("mark") != present.mark:
        proxy = ", a proxy address" if present.is_proxy_address else ""
        errors[""] = (
            f"{MEANWHILE} It is now {present.name}, {present.email}{proxy}. Check what you typed and save again."
        )
    if not errors:
        try:
            await actions.edit(
                actor, person_id, name=details.name, email=details.email, is_proxy_address=details.is_proxy_address
            )
            return go(request, f"/users/{person_id}?done=1")
        except Refused as refusal:
            if str(refusal) != actions.TAKEN:
                raise
            errors["email"] = str(refusal)
    return await person_page(request, before, 422, Sent(details=details, errors={"details": errors}))


@post("/users/{person_id:int}/functions", name="administration.person.functions", opt=MANAGE)
async def grant(request: AnyRequest, person_id: FromPath[int]) -> Response[Any]:
    """Grants exactly the functions that are ticked, unless somebody else did meanwhile (SD 2.6)."""
    form, actor = await read_form(request, cookie_of(request)), actor_of(request)
    await lock_people(actor)
    before = await person(actor, person_id)
    functions = (*functions_from(form), *not_offered(actor, before))
    if form.raw("mark") == functions_mark(before.functions):
        await actions.grant(actor, person_id, functions)
        return go(request, f"/users/{person_id}?done=1")
    errors = {"": f"{MEANWHILE} Check the ticks and save again."}
    return await person_page(request, before, 422, Sent(functions=functions, errors={"functions": errors}))


@post("/users/{person_id:int}/assignments", name="administration.person.assignments", opt=MANAGE)
async def assign(request: AnyRequest, person_id: FromPath[int]) -> Response[Any]:
    """Saves the person's use cases as a whole, unless what was shown has changed meanwhile (SD 2.5)."""
    form, actor = await read_form(request, cookie_of(request)), actor_of(request)
    shown = await person(actor, person_id)
    try:
        seen = Seen.read(form.raw("seen"))
        cases = wanted(form, seen)
        if seen.people != (person_id,):
            raise Unreadable("the form is another person's")
    except Unreadable:
        return await person_page(request, shown, 422, Sent(errors={"assignments": {"": UNREADABLE}}))
    ticked = frozenset((person_id, case) for case in cases)
    try:
        await saving.save(actor, seen, ticked, mau_takes=form.text("mau_takes") == "on")
        return go(request, f"/users/{person_id}?done=1")
    except saving.ChangedMeanwhile as other:
        now = other.now
        cases = frozenset(case for _, case in on_top(now, changes(seen.ticked, ticked)))
        told = f"{MEANWHILE} {' '.join(other.sentences)} Your own changes are still ticked: check and save again."
        sent = Sent(seen=now, ticked=cases, errors={"assignments": {"": told}})
    except LeftWithNobody as left:
        sent = Sent(seen=seen, ticked=cases, needs_mau=True, errors={"assignments": {"mau_takes": str(left)}})
    except Refused as refusal:
        sent = Sent(seen=seen, ticked=cases, errors={"assignments": {"": str(refusal)}})
    return await person_page(request, await person(actor, person_id), 422, sent)
