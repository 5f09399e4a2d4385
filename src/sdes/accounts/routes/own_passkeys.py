"""One's own passkeys: adding, naming and removing them."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from sdes.accounts import passkeys
from sdes.accounts.actions import passkeys as actions
from sdes.accounts.entrance import AnyRequest, acting, actor_of, address_of, cookie_of
from sdes.accounts.forms import own_path, with_next
from sdes.accounts.routes.security import DOOR, done, first_confirm, overview
from sdes.accounts.second_factor import name_error
from sdes.kit.forms import read_form
from sdes.kit.rendering import page

OWN_TRANSACTIONS = {**DOOR, "transaction": "own"}
NOT_MADE = "The passkey could not be kept. Nothing was changed. Try again, or use another device."


@get("/account/security/passkeys/new", name="accounts.passkey.new", opt=DOOR)
async def new(request: AnyRequest, next: FromQuery[str | None] = None) -> Response[Any]:
    """Where a passkey gets its name before the browser makes it."""
    if answer := await first_confirm(request):
        return answer
    return _form(request, next=own_path(next))


@post("/account/security/passkeys/challenge", name="accounts.passkey.challenge", opt=OWN_TRANSACTIONS)
async def challenge(request: AnyRequest) -> Response[Any]:
    """What the browser makes a passkey from, as JSON."""
    await read_form(request, cookie_of(request))
    actor = actor_of(request)
    async with acting(actor):
        if answer := await first_confirm(request):
            return answer
    made = await actions.begin(actor, cookie_of(request), address_of(request))
    site = passkeys.site_at(request.app.state.settings.public_url)
    async with acting(actor):
        options = await actions.creation_options(actor, site, made)
    return Response(options, media_type="application/json", status_code=200)


@post("/account/security/passkeys", name="accounts.passkey.add", opt=OWN_TRANSACTIONS)
async def add(request: AnyRequest) -> Response[Any]:
    """Keeps the passkey that the browser has made."""
    form = await read_form(request, cookie_of(request))
    actor, name, next = actor_of(request), form.text("name"), own_path(form.text("next"))
    if error := name_error(form):
        return _form(request, name, {"name": error}, 422, next)
    site = passkeys.site_at(request.app.state.settings.public_url)
    try:
        made = passkeys.read(form.raw("credential"))
        asked = await actions.take(actor, cookie_of(request), made)
        async with acting(actor):
            if answer := await first_confirm(request):
                return answer
            codes = await actions.add(actor, made, asked, site, name=name, address=address_of(request))
    except passkeys.NotGenuine:
        return _form(request, name, {"": NOT_MADE}, 422, next)
    return done(request, "added", codes, next)


@post("/account/security/passkeys/{passkey_id:int}/name", name="accounts.passkey.rename", opt=DOOR)
async def rename(request: AnyRequest, passkey_id: FromPath[int]) -> Response[Any]:
    """Gives a passkey another name."""
    form = await read_form(request, cookie_of(request))
    actor = actor_of(request)
    await actions.own(actor, passkey_id)
    if answer := await first_confirm(request):
        return answer
    if error := name_error(form):
        return await overview(
            request, errors={f"name-{passkey_id}": error}, renaming=passkey_id, name=form.text("name")
        )
    await actions.rename(actor, passkey_id, form.text("name"))
    return done(request, "renamed")


@post("/account/security/passkeys/{passkey_id:int}/removal", name="accounts.passkey.remove", opt=DOOR)
async def remove(request: AnyRequest, passkey_id: FromPath[int]) -> Response[Any]:
    """Takes a passkey away."""
    await read_form(request, cookie_of(request))
    actor = actor_of(request)
    await actions.own(actor, passkey_id)
    if answer := await first_confirm(request):
        return answer
    await actions.remove(actor, passkey_id, address_of(request))
    return done(request, "passkey-removed")


def _form(
    request: AnyRequest, name: str = "", errors: dict[str, str] | None = None, status: int = 200, next: str = "/"
) -> Response[str]:
    words = {"name": name, "errors": errors or {}, "next": next, "onward": with_next("", next)}
    return page(request, "templates/accounts/passkey_new.html", status, **words)
