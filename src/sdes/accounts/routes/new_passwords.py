"""New passwords for those who cannot sign in with one of their own: the single-use one's change, and forgotten ones."""

from typing import Any

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath, FromQuery

from sdes.accounts import passwords
from sdes.accounts.actions.passwords import is_present_password, set_password
from sdes.accounts.actions.resets import ask_for_reset, find_reset, reset_password
from sdes.accounts.entrance import AnyRequest, actor_of, address_of, cookie_of
from sdes.accounts.forms import address_errors, new_password_errors, own_path
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission

ANYONE = {"permission": Permission.ANYONE, "transaction": "own"}
OF_A_NEWCOMER = {"permission": Permission.ACCOUNT_NEW_PASSWORD, "transaction": "own"}
UNKNOWN_TO_OTHERS = {"Referrer-Policy": "no-referrer"}  # the address of the page is the secret


@get("/new-password", name="accounts.new-password", opt=OF_A_NEWCOMER)
async def first(request: AnyRequest, next: FromQuery[str | None] = None) -> Response[Any]:
    """Where somebody who signed in with a single-use password chooses their own; they go on at `next`."""
    words: dict[str, Any] = {"next": own_path(next), "errors": {}, "rules": passwords.unjudged()}
    return page(request, "templates/accounts/new_password.html", **words)


@post("/new-password", name="accounts.new-password.set", opt=OF_A_NEWCOMER)
async def set_first(request: AnyRequest) -> Response[Any]:
    """Replaces the single-use password; only then does any other door open (SD 2.3)."""
    form = await read_form(request, cookie_of(request))
    actor, target = actor_of(request), own_path(form.text("next"))
    password = form.raw("password")
    rules = await passwords.judged(password, actor.name, actor.email, actor.company_name)
    errors = new_password_errors(form, rules)
    if not errors and await is_present_password(actor, password):
        errors = {"password": "Choose a password other than the one that you were given"}
    if errors:
        words: dict[str, Any] = {"next": target, "errors": errors, "rules": rules}
        return page(request, "templates/accounts/new_password.html", 422, **words)
    await set_password(actor, password)
    return go(request, target)


@get("/forgotten-password", name="accounts.forgotten-password", opt=ANYONE)
async def forgotten(request: AnyRequest) -> Response[Any]:
    """Where a link for a new password is asked for."""
    return page(request, "templates/accounts/forgotten_password.html", errors={}, email="", is_sent=False)


@post("/forgotten-password", name="accounts.forgotten-password.ask", opt=ANYONE, status_code=200)
async def ask(request: AnyRequest) -> Response[Any]:
    """Says that a mail is on its way if there is such an account. Whether there is one is looked up only when this has
    been said, so that nobody can tell it from the answer or the time that it took."""
    form = await read_form(request, cookie_of(request))
    email = form.text("email")
    errors = address_errors(form)
    answer = page(
        request,
        "templates/accounts/forgotten_password.html",
        422 if errors else 200,
        errors=errors,
        email=email,
        is_sent=not errors,
    )
    if not errors:
        answer.background = BackgroundTask(ask_for_reset, email, address_of(request))
    return answer


@get("/reset-password/{token:str}", name="accounts.password-reset", opt=ANYONE)
async def reset(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """The form behind a link; to look at it does not use the link up."""
    return _reset_page(request) if await find_reset(token) else link_over(request, "/forgotten-password")


@post("/reset-password/{token:str}", name="accounts.password-reset.set", opt=ANYONE)
async def set_by_link(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Sets the new password and asks to sign in with it."""
    form = await read_form(request, cookie_of(request))
    link = await find_reset(token)
    if not link:
        return link_over(request, "/forgotten-password")
    password = form.raw("password")
    rules = await passwords.judged(password, link.person["name"], link.person["email"], link.company_name)
    if errors := new_password_errors(form, rules):
        return _reset_page(request, 422, errors, rules)
    if not await reset_password(token, password, address_of(request)):
        return link_over(request, "/forgotten-password")
    return go(request, "/sign-in?why=reset")


def link_over(request: AnyRequest, ask_href: str) -> Response[Any]:
    """What is said of a link that was followed already, is too old or never was (404); `ask_href` is where to get a
    new one."""
    answer = page(request, "templates/accounts/link_over.html", 404, ask_href=ask_href)
    answer.headers.update(UNKNOWN_TO_OTHERS)
    return answer


def _reset_page(
    request: AnyRequest, status: int = 200, errors: dict[str, str] | None = None, rules: Any = None
) -> Response[Any]:
    rules = rules or passwords.unjudged()
    answer = page(request, "templates/accounts/reset_password.html", status, errors=errors or {}, rules=rules)
    answer.headers.update(UNKNOWN_TO_OTHERS)
    return answer
