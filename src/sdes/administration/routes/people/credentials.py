"""Helping somebody in: a new single-use password, a lost second factor, an address that was not confirmed (SD 2.6)."""

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.administration.actions import credentials
from sdes.administration.actions.people import reset_password
from sdes.kit.forms import read_form
from sdes.kit.rendering import go
from sdes.permissions import Permission

MANAGE = {"permission": Permission.PERSON_MANAGE}


@post("/users/{person_id:int}/password-reset", name="administration.person.password-reset", opt=MANAGE)
async def new_password(request: AnyRequest, person_id: FromPath[int]) -> Response[Any]:
    """Sends a new single-use password, in place of whatever the person had."""
    await read_form(request, cookie_of(request))
    await reset_password(actor_of(request), person_id)
    return go(request, f"/users/{person_id}?done=1")


@post("/users/{person_id:int}/second-factor-reset", name="administration.person.second-factor-reset", opt=MANAGE)
async def without_second_factor(request: AnyRequest, person_id: FromPath[int]) -> Response[Any]:
    """Takes away the second factors of somebody who has lost theirs."""
    await read_form(request, cookie_of(request))
    await credentials.reset_second_factor(actor_of(request), person_id)
    return go(request, f"/users/{person_id}?done=1")


@post("/users/{person_id:int}/verification", name="administration.person.verification", opt=MANAGE)
async def verification(request: AnyRequest, person_id: FromPath[int]) -> Response[Any]:
    """Sends the link again by which the person confirms their address."""
    await read_form(request, cookie_of(request))
    await credentials.send_verification(actor_of(request), person_id)
    return go(request, f"/users/{person_id}?done=1")
