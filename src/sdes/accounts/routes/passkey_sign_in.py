"""Signing in with a passkey alone, from the sign-in page."""

from typing import Any

from litestar import Response, post

from sdes.accounts import passkeys
from sdes.accounts.actions import passkeys as keys
from sdes.accounts.actions.second_step import NO_PASSKEY, sign_in_with_passkey
from sdes.accounts.actions.sign_in import SignInRefused
from sdes.accounts.entrance import AnyRequest, actor_of, address_of, cookie_of
from sdes.accounts.forms import own_path
from sdes.accounts.routes.letting_in import device_of, let_in
from sdes.accounts.routes.sign_in import sign_in_page
from sdes.kit.errors import TooMany
from sdes.kit.forms import read_form
from sdes.permissions import Permission

DOOR = {"permission": Permission.ANYONE, "transaction": "own"}


@post("/sign-in/passkey/challenge", name="accounts.passkey-sign-in.challenge", opt=DOOR)
async def challenge(request: AnyRequest) -> Response[Any]:
    """What the browser asks whichever passkey its owner chooses for, as JSON."""
    browser = cookie_of(request, of_nobody=True)
    form = await read_form(request, browser)
    is_offer = form.text("offer") == "on"
    made = await keys.begin(actor_of(request), browser, address_of(request), is_offer=is_offer)
    site = passkeys.site_at(request.app.state.settings.public_url)
    return Response(passkeys.request_options(site, made), media_type="application/json", status_code=200)


@post("/sign-in/passkey", name="accounts.passkey-sign-in.submit", opt=DOOR)
async def submit(request: AnyRequest) -> Response[Any]:
    """Opens a session for the holder of the passkey: it counts as password and second factor."""
    browser = cookie_of(request, of_nobody=True)
    form = await read_form(request, browser)
    target, settings = own_path(form.text("next")), request.app.state.settings
    status, error = 422, NO_PASSKEY
    try:
        opened = await sign_in_with_passkey(
            actor_of(request),
            passkeys.read(form.raw("credential")),
            passkeys.site_at(settings.public_url),
            browser=browser,
            device=device_of(request),
            settings=settings,
        )
        if opened:
            return let_in(request, opened, target)
    except passkeys.NotGenuine:
        pass
    except TooMany as refusal:
        status, error = refusal.status, str(refusal)
    except SignInRefused as refusal:
        error = str(refusal)
    return await sign_in_page(request, next=target, errors={"": error}, status=status)
