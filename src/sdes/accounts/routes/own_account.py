"""One's own account: password, and how the pages look."""

from dataclasses import asdict
from typing import Any

from litestar import Response, get, post

from sdes.accounts import passwords
from sdes.accounts.actions.passwords import current_password_is_right, set_password
from sdes.accounts.actions.upkeep import set_display
from sdes.accounts.entrance import AnyRequest, actor_of, address_of, cookie_of, visit_of
from sdes.accounts.forms import PAGE_SIZES, display_values, new_password_errors, own_path
from sdes.kit.errors import TooMany
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission


@get("/account/password", name="accounts.password", opt={"permission": Permission.ACCOUNT_OWN})
async def password(request: AnyRequest) -> Response[Any]:
    """The page on which one's password is changed."""
    return page(request, "templates/accounts/password.html", errors={}, rules=passwords.unjudged())


@post(
    "/account/password",
    name="accounts.password.change",
    opt={"permission": Permission.ACCOUNT_OWN, "transaction": "own"},
)
async def change_password(request: AnyRequest) -> Response[Any]:
    """Changes the password after the present one was given; other sessions end."""
    form = await read_form(request, cookie_of(request))
    actor = actor_of(request)
    rules = await passwords.judged(form.raw("password"), actor.name, actor.email, actor.company_name)
    errors = new_password_errors(form, rules)
    status = 422
    try:
        if not await current_password_is_right(actor, form.raw("current"), address_of(request)):
            errors = {"current": "This is not your present password", **errors}
    except TooMany as refusal:
        status, errors = refusal.status, {"current": str(refusal)}
    if errors:
        return page(request, "templates/accounts/password.html", status, errors=errors, rules=rules)
    await set_password(actor, form.raw("password"))
    return go(request, "/account/sessions?done=password")


@get("/account/display", name="accounts.display", opt={"permission": Permission.ACCOUNT_OWN})
async def display(request: AnyRequest) -> Response[Any]:
    """How the pages look for this person."""
    values = asdict(visit_of(request).display)
    return page(request, "templates/accounts/display.html", values=values, errors={}, page_sizes=PAGE_SIZES)


@post("/account/display", name="accounts.display.change", opt={"permission": Permission.ACCOUNT_OWN})
async def change_display(request: AnyRequest) -> Response[Any]:
    """Keeps what the form names and goes back to where it was asked for."""
    form = await read_form(request, cookie_of(request))
    if values := display_values(form):
        await set_display(actor_of(request), **values)
    return go(request, own_path(form.text("next") or "/account/display"))
