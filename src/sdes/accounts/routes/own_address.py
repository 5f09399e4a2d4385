"""One's own e-mail address, and showing that it is one's own."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from sdes.accounts.actions.links import can_verify, verify_address
from sdes.accounts.actions.own_address import ask_for_verification
from sdes.accounts.entrance import AnyRequest, acting, actor_of, cookie_of
from sdes.accounts.queries import own_address
from sdes.accounts.routes.new_passwords import ANYONE, UNKNOWN_TO_OTHERS, link_over
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission

OWN = {"permission": Permission.ACCOUNT_OWN, "transaction": "own"}
PAGE = "/account/address"


@get(PAGE, name="accounts.address", opt=OWN)
async def show(request: AnyRequest, sent: FromQuery[str | None] = None) -> Response[Any]:
    """The address and whether notifications can go there."""
    actor = actor_of(request)
    async with acting(actor):
        address = await own_address(actor)
    return page(request, "templates/accounts/address.html", address=address, is_sent=sent == "1")


@post("/account/address/verification", name="accounts.address.verification", opt=OWN)
async def ask(request: AnyRequest) -> Response[Any]:
    """Sends the link again."""
    await read_form(request, cookie_of(request))
    await ask_for_verification(actor_of(request))
    return go(request, f"{PAGE}?sent=1")


@get("/verify-address/{token:str}", name="accounts.address-verification", opt=ANYONE)
async def confirmation(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """A page with a button: programs that look at mails follow links, but press nothing."""
    if not await can_verify(token):
        return link_over(request, PAGE)
    return _page(request, is_verified=False)


@post("/verify-address/{token:str}", name="accounts.address-verification.confirm", opt=ANYONE, status_code=200)
async def confirm(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Notes that the address is its holder's, whoever is signed in in this browser."""
    await read_form(request, cookie_of(request))
    if not await verify_address(token):
        return link_over(request, PAGE)
    return _page(request, is_verified=True)


def _page(request: AnyRequest, *, is_verified: bool) -> Response[Any]:
    answer = page(request, "templates/accounts/verify_address.html", is_verified=is_verified)
    answer.headers.update(UNKNOWN_TO_OTHERS)
    return answer
