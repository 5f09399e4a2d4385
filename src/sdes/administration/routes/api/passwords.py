"""A new single-use password for somebody, asked for by a program."""

from litestar import post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.administration.access import why_not_by_key
from sdes.administration.actions.assignments import lock_people
from sdes.administration.actions.people import reset_password
from sdes.administration.queries.people import person
from sdes.administration.routes.api.media import refuse_stale
from sdes.administration.routes.api.people import WRITE
from sdes.kit.errors import Refused


@post(
    "/people/{person_id:int}/password-reset",
    name="api.person.password-reset",
    opt=WRITE,
    summary="Send a new password",
    status_code=204,
)
async def reset(request: AnyRequest, person_id: FromPath[int]) -> None:
    """Sends the person a single-use password and signs them out. Not for people with user administration."""
    actor = actor_of(request)
    await lock_people(actor)
    one = await person(actor, person_id)
    refuse_stale(request, one)
    if why := why_not_by_key(one):
        raise Refused(why)
    await reset_password(actor, person_id)
