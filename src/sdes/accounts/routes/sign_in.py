"""Signing in and out, and keeping a session alive."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery

from sdes.accounts.actions import sign_in as actions
from sdes.accounts.cookies import forget
from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.accounts.forms import own_path, sign_in_errors
from sdes.accounts.other_ways import other_ways
from sdes.accounts.routes.letting_in import device_of, let_in
from sdes.kit import csrf
from sdes.kit.errors import TooMany
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission

NOTICES = {
    "ended": "Your session has ended because nothing happened for a while. Sign in to go on.",
    "kept": "Your session had ended, so nothing was sent. What you typed is kept as a draft: sign in to go on with it. "
    "Files have to be chosen again.",
    "ticked": "Your session had ended, so nothing was done. What you ticked is ticked again when you have signed in.",
    "out": "You have signed out.",
    "reset": "Your password has been changed. Sign in with the new one.",
}


@get("/sign-in", name="accounts.sign-in", opt={"permission": Permission.ANYONE})
async def show(
    request: AnyRequest, next: FromQuery[str | None] = None, why: FromQuery[str | None] = None
) -> Response[Any]:
    """The sign-in page; a person who is signed in already is sent on."""
    if actor_of(request).is_signed_in:
        return go(request, own_path(next))
    return await sign_in_page(request, next=own_path(next), notice=NOTICES.get(why or ""))


@post("/sign-in", name="accounts.sign-in.submit", opt={"permission": Permission.ANYONE, "transaction": "own"})
async def submit(request: AnyRequest) -> Response[Any]:
    """Checks e-mail and password and opens a session under a new token."""
    form = await read_form(request, cookie_of(request, of_nobody=True))
    target = own_path(form.text("next"))
    email = form.text("email")
    errors = sign_in_errors(form)
    status = 422
    if not errors:
        settings = request.app.state.settings
        opened = None
        try:
            opened = await actions.sign_in(email, form.raw("password"), device=device_of(request), settings=settings)
            errors = {} if opened else {"password": actions.WRONG}
        except TooMany as refusal:
            status, errors = refusal.status, {"password": str(refusal)}
        except actions.SignInRefused as refusal:
            errors = {"password": str(refusal)}
        if opened:
            return let_in(request, opened, target)
    return await sign_in_page(request, next=target, email=email, errors=errors, status=status)


@post("/sign-out", name="accounts.sign-out", opt={"permission": Permission.ANYONE})
async def sign_out(request: AnyRequest) -> Response[Any]:
    """Ends the session and makes the browser forget what it kept of this site."""
    await read_form(request, cookie_of(request))
    if actor_of(request).is_signed_in:
        await actions.sign_out(actor_of(request))
    answer = go(request, "/sign-in?why=out")
    answer.headers["Clear-Site-Data"] = '"storage"'
    return forget(answer, request.app.state.settings)


@post("/session/extension", name="accounts.session.extension", opt={"permission": Permission.ACCOUNT_OWN})
async def extend(request: AnyRequest) -> Response[None]:
    """A visit that does nothing but keep the session alive."""
    await read_form(request, cookie_of(request))
    return Response(None, status_code=204)


async def sign_in_page(
    request: AnyRequest,
    *,
    next: str,
    email: str = "",
    errors: dict[str, str] | None = None,
    notice: str | None = None,
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "templates/accounts/sign_in.html",
        status,
        csrf_token=csrf.token_for(cookie_of(request, of_nobody=True)),
        next=next,
        values={"email": email},
        errors=errors or {},
        notice=notice,
        ways=await other_ways(next),
    )
