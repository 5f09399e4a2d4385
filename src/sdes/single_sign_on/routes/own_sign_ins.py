"""Ending one's own sign-ins at other services, which are listed where one is signed in."""

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.kit.forms import read_form
from sdes.kit.rendering import go
from sdes.permissions import Permission
from sdes.single_sign_on.actions.own_sign_ins import end_sign_in


@post(
    "/account/sign-ins-elsewhere/{sign_in_id:int}/closure",
    name="single-sign-on.own.end",
    opt={"permission": Permission.ACCOUNT_OWN},
)
async def end(request: AnyRequest, sign_in_id: FromPath[int]) -> Response[Any]:
    """Ends one: its client is told nothing more."""
    await read_form(request, cookie_of(request))
    await end_sign_in(actor_of(request), sign_in_id)
    return go(request, "/account/sessions")
