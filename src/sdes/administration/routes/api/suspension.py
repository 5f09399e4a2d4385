"""Suspension of a person by a program, and its end."""

from litestar import Response, delete, put
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.administration.access import why_not_removed_by_key
from sdes.administration.actions import people as actions
from sdes.administration.actions.assignments import lock_people
from sdes.administration.queries.people import assignable, person
from sdes.administration.routes.api.media import PersonMedia, refuse_stale, told
from sdes.administration.routes.api.people import WRITE
from sdes.administration.routes.api.person import MauTakes, TakeOver
from sdes.kit.errors import Refused

PATH = "/people/{person_id:int}/suspension"


@put(PATH, name="api.person.suspend", opt=WRITE, summary="Suspend a person")
async def suspend(
    request: AnyRequest, person_id: FromPath[int], take_over: TakeOver = None, mau_takes: MauTakes = False
) -> Response[PersonMedia]:
    """Shuts the person out until they are reinstated; they keep their use cases. Hand over as with deletion. Not for
    people with user administration: 409."""
    await _refuse_administrators(request, person_id)
    await actions.suspend(actor_of(request), person_id, to=take_over, mau_takes=mau_takes)
    return await _told(request, person_id)


@delete(PATH, name="api.person.reinstate", opt=WRITE, summary="Reinstate a person", status_code=200)
async def reinstate(request: AnyRequest, person_id: FromPath[int]) -> Response[PersonMedia]:
    """Lets a suspended person in again. Not for people with user administration: 409."""
    await _refuse_administrators(request, person_id)
    await actions.reinstate(actor_of(request), person_id)
    return await _told(request, person_id)


async def _refuse_administrators(request: AnyRequest, person_id: int) -> None:
    """Before anybody else changes the person's functions."""
    actor = actor_of(request)
    await lock_people(actor)
    one = await person(actor, person_id)
    refuse_stale(request, one)
    if why := why_not_removed_by_key(one):
        raise Refused(why)


async def _told(request: AnyRequest, person_id: int) -> Response[PersonMedia]:
    actor = actor_of(request)
    catalogue, _ = await assignable(actor)
    return told(await person(actor, person_id), catalogue)
