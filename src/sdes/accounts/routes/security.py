"""One's own second factors: what is set up, the authenticator app, recovery codes; all behind a recent sign-in."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import MediaType, Response, get, post
from litestar.params import FromQuery

from sdes.accounts import second_factor, totp
from sdes.accounts.actions import second_factor as actions
from sdes.accounts.actions.passwords import current_password_is_right
from sdes.accounts.actions.second_step import sign_in_again
from sdes.accounts.entrance import AnyRequest, acting, actor_of, address_of, cookie_of
from sdes.accounts.forms import own_path, with_next
from sdes.accounts.queries import factors_of, session_began
from sdes.accounts.routes.letting_in import device_of, let_in
from sdes.kit import clock, csrf
from sdes.kit.errors import TooMany
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission, Role

HERE = "/account/security"
DOOR = {"permission": Permission.ACCOUNT_ENROL}
TOLD = {
    "set-up": "The authenticator app is set up. From now on you are asked for its code when you sign in.",
    "removed": "The authenticator app was removed.",
    "added": "The passkey was added. You can sign in with it alone.",
    "renamed": "The passkey has its new name.",
    "passkey-removed": "The passkey was removed. Remove it from the device that held it, too.",
}
WRONG_CODE = (
    "This code is not right. Type the one that your app shows now; if it is refused again, look whether the clock of"
    " your phone is right."
)


@get(HERE, name="accounts.security", opt=DOOR)
async def show(
    request: AnyRequest, done: FromQuery[str | None] = None, next: FromQuery[str | None] = None
) -> Response[Any]:
    """What is asked for beside the password; where somebody lands whose company asks for it and who has set up none,
    and who goes on at `next` when they have."""
    return await overview(request, told=TOLD.get(done or "", ""), next=own_path(next))


@get("/account/security/confirmation", name="accounts.security.confirmation", opt=DOOR)
async def confirmation(request: AnyRequest, next: FromQuery[str | None] = None) -> Response[Any]:
    """Asks once more who sits there, before anything is changed."""
    return await _confirmation(request, own_path(next))


@post("/account/security/confirmation", name="accounts.security.confirm", opt={**DOOR, "transaction": "own"})
async def confirm(request: AnyRequest) -> Response[Any]:
    """Goes on in a new session, once the present password was given."""
    form = await read_form(request, cookie_of(request))
    actor, target = actor_of(request), own_path(form.text("next"))
    status, error = 422, "This is not your present password"
    try:
        if second_factor.knows_password(actor.method) and await current_password_is_right(
            actor, form.raw("password"), address_of(request)
        ):
            async with acting(actor):
                opened = await sign_in_again(actor, device=device_of(request), settings=request.app.state.settings)
            return let_in(request, opened, target)
    except TooMany as refusal:
        status, error = refusal.status, str(refusal)
    async with acting(actor):
        return await _confirmation(request, target, {"password": error}, status)


@get("/account/security/authenticator", name="accounts.authenticator", opt=DOOR)
async def authenticator(request: AnyRequest, next: FromQuery[str | None] = None) -> Response[Any]:
    """Hands an authenticator app a new secret."""
    if answer := await first_confirm(request):
        return answer
    return _authenticator(request, next=own_path(next))


@post("/account/security/authenticator", name="accounts.authenticator.set-up", opt=DOOR)
async def set_authenticator(request: AnyRequest) -> Response[Any]:
    """Keeps the secret once a code shows that the app has it."""
    form = await read_form(request, cookie_of(request))
    if answer := await first_confirm(request):
        return answer
    actor, next = actor_of(request), own_path(form.text("next"))
    secret = actions.offered(actor, form.text("offer"))
    if not secret:
        error = "This page was too old. Scan the code again: it is a new one."
        return _authenticator(request, errors={"code": error}, status=422, next=next)
    codes = await actions.set_authenticator(actor, secret, form.text("code"), address_of(request))
    if codes is None:
        return _authenticator(request, secret, {"code": WRONG_CODE}, 422, next)
    return done(request, "set-up", codes, next)


@post("/account/security/authenticator/removal", name="accounts.authenticator.remove", opt=DOOR)
async def remove_authenticator(request: AnyRequest) -> Response[Any]:
    """Takes the authenticator app away."""
    await read_form(request, cookie_of(request))
    if answer := await first_confirm(request):
        return answer
    await actions.remove_authenticator(actor_of(request), address_of(request))
    return done(request, "removed")


@post("/account/security/recovery-codes", name="accounts.recovery-codes.make", opt=DOOR)
async def make_recovery_codes(request: AnyRequest) -> Response[Any]:
    """New recovery codes in place of the old ones, shown this once."""
    await read_form(request, cookie_of(request))
    if answer := await first_confirm(request):
        return answer
    return done(request, "codes", await actions.new_recovery_codes(actor_of(request), address_of(request)))


@post("/account/security/recovery-codes/text", name="accounts.recovery-codes.text", opt=DOOR)
async def recovery_codes_text(request: AnyRequest) -> Response[Any]:
    """The codes that the page has just shown as a file; of what is posted, only codes of the actor's own."""
    form = await read_form(request, cookie_of(request))
    actor = actor_of(request)
    codes = await actions.own_codes(actor, form.all("codes"))
    text = "\r\n".join([f"Recovery codes of {actor.email} for SDES. Each can be used once.", "", *codes, ""])
    headers = {"Content-Disposition": 'attachment; filename="sdes-recovery-codes.txt"'}
    return Response(text, media_type=MediaType.TEXT, headers=headers, status_code=200)


async def overview(
    request: AnyRequest,
    *,
    told: str = "",
    errors: dict[str, str] | None = None,
    renaming: int = 0,
    name: str = "",
    next: str = "/",
) -> Response[str]:
    """The overview; with `errors`, after the passkey `renaming` was to be called `name`."""
    actor = actor_of(request)
    return page(
        request,
        "templates/accounts/security.html",
        422 if errors else 200,
        factors=await factors_of(actor),
        is_enrolling=Role.ENROLLING in actor.roles,
        told=told,
        errors=errors or {},
        renaming=renaming,
        name=name,
        onward=with_next("", next),
    )


async def first_confirm(request: AnyRequest, back: str = HERE) -> Response[Any] | None:
    """The way to the confirmation, where the sign-in is too long ago for changes; `back` is the page with the form
    that was posted."""
    if second_factor.is_recent(await session_began(actor_of(request)), clock.now()):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    target = f"{request.url.path}{query}" if request.method == "GET" else back
    return go(request, "/account/security/confirmation?" + urlencode({"next": target}))


def done(request: AnyRequest, what: str, codes: Sequence[str] = (), next: str = "/") -> Response[Any]:
    """On to `next`, or else back to the overview, which tells what was done; by way of the recovery codes where there
    are new ones: they are shown this once."""
    if not codes:
        return go(request, f"{HERE}?done={what}" if next == "/" else next)
    words: dict[str, Any] = {"codes": codes, "next": HERE if next == "/" else next}
    return page(request, "templates/accounts/recovery_codes.html", **words)


def _authenticator(
    request: AnyRequest,
    secret: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
    next: str = "/",
) -> Response[str]:
    actor = actor_of(request)
    secret, offer = actions.offer(actor, secret)
    words = {"offer": offer, "picture": totp.picture(secret, actor.email), "secret": totp.in_groups(secret)}
    words |= {"next": next, "onward": with_next("", next)}
    return page(request, "templates/accounts/authenticator.html", status, errors=errors or {}, **words)


async def _confirmation(
    request: AnyRequest, next: str, errors: dict[str, str] | None = None, status: int = 200
) -> Response[str]:
    actor = actor_of(request)
    return page(
        request,
        "templates/accounts/confirmation.html",
        status,
        next=next,
        errors=errors or {},
        with_password=second_factor.knows_password(actor.method),
        with_passkey=bool((await factors_of(actor)).passkeys),
        csrf_token_of_nobody=csrf.token_for(cookie_of(request, of_nobody=True)),
    )
