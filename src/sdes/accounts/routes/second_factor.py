"""The second factor after the password: a code, a recovery code or a passkey."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery

from sdes.accounts import passkeys
from sdes.accounts.actions import passkeys as keys
from sdes.accounts.actions import second_step as actions
from sdes.accounts.actions.sign_in import Opened
from sdes.accounts.entrance import AnyRequest, acting, actor_of, address_of, cookie_of
from sdes.accounts.forms import own_path
from sdes.accounts.queries import factors_of
from sdes.accounts.routes.letting_in import device_of, let_in
from sdes.kit.errors import TooMany
from sdes.kit.forms import Form, read_form
from sdes.kit.rendering import page
from sdes.permissions import Permission

WAYS = ("code", "recovery", "passkey")
DOOR = {"permission": Permission.ACCOUNT_SECOND_FACTOR}
OWN_TRANSACTIONS = {**DOOR, "transaction": "own"}
MISSING = {"code": "Enter the code that your app shows", "recovery": "Enter one of your recovery codes"}
WRONG = {"code": actions.WRONG_CODE, "recovery": actions.WRONG_RECOVERY_CODE, "passkey": actions.NO_PASSKEY}


@get("/sign-in/second-factor", name="accounts.second-factor", opt=DOOR)
async def show(
    request: AnyRequest, next: FromQuery[str | None] = None, by: FromQuery[str | None] = None
) -> Response[Any]:
    """Where somebody whose password was right gives the second factor; `by` recovery for a recovery code."""
    return await _form(request, own_path(next), by or "")


@post("/sign-in/second-factor", name="accounts.second-factor.give", opt=OWN_TRANSACTIONS)
async def give(request: AnyRequest) -> Response[Any]:
    """Finishes the sign-in: a full session under a new token."""
    form = await read_form(request, cookie_of(request))
    target, by = own_path(form.text("next")), form.text("by")
    by = by if by in WAYS else "code"
    status, error = 422, MISSING[by] if by != "passkey" and not form.text("code") else ""
    if not error:
        try:
            if opened := await _given(request, form, by):
                return let_in(request, opened, target)
            error = WRONG[by]
        except TooMany as refusal:
            status, error = refusal.status, str(refusal)
    async with acting(actor_of(request)):
        return await _form(request, target, by, {"" if by == "passkey" else "code": error}, status)


@post("/sign-in/second-factor/challenge", name="accounts.second-factor.challenge", opt=OWN_TRANSACTIONS)
async def challenge(request: AnyRequest) -> Response[Any]:
    """What the browser asks one of the actor's passkeys for, as JSON."""
    await read_form(request, cookie_of(request))
    actor = actor_of(request)
    made = await keys.begin(actor, cookie_of(request), address_of(request))
    async with acting(actor):
        allowed = await keys.own_credentials(actor)
    site = passkeys.site_at(request.app.state.settings.public_url)
    return Response(passkeys.request_options(site, made, allowed), media_type="application/json", status_code=200)


async def _given(request: AnyRequest, form: Form, by: str) -> Opened | None:
    settings = request.app.state.settings
    actor, device = actor_of(request), device_of(request)
    if by == "code":
        return await actions.give_code(actor, form.text("code"), device=device, settings=settings)
    if by == "recovery":
        return await actions.give_recovery_code(actor, form.text("code"), device=device, settings=settings)
    try:
        answer = passkeys.read(form.raw("credential"))
    except passkeys.NotGenuine:
        return None
    site, browser = passkeys.site_at(settings.public_url), cookie_of(request)
    return await actions.give_passkey(actor, answer, site, browser=browser, device=device, settings=settings)


async def _form(
    request: AnyRequest, next: str, by: str, errors: dict[str, str] | None = None, status: int = 200
) -> Response[str]:
    factors = await factors_of(actor_of(request))
    words = {"next": next, "by": by, "factors": factors, "errors": errors or {}}
    return page(request, "templates/accounts/second_factor.html", status, **words)
