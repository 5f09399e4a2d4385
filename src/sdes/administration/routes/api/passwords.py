"""A new single-use password for somebody, asked for by a program."""

from litestar import post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.administration.access import why_not_by_key
from sdes.administration.actions.people import reset_password
from sdes.administration.queries.people import person
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
    if why := why_not_by_key(await person(actor, person_id)):
        raise Refused(why)
    await reset_password(actor, person_id)
