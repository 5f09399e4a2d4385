"""Where a client sends people to sign in (OpenID Connect Core 3.1.2), and the page by which they go on afterwards."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.response import Redirect

from sdes.accounts.actions.sign_in import sign_out
from sdes.accounts.cookies import forget
from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.accounts.forms import own_path, with_next
from sdes.accounts.roles import WAY_ON
from sdes.kit import clock
from sdes.kit.errors import SdesError
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission
from sdes.single_sign_on.actions.granting import give_code
from sdes.single_sign_on.addresses import with_words
from sdes.single_sign_on.asking import Asked, AskedWrongly, parameters, read
from sdes.single_sign_on.metadata import issuer_of
from sdes.single_sign_on.queries import client_in_use, session_begun_at
from sdes.single_sign_on.views import Client

JUST_NOW = 60  # seconds: whoever signed in so long ago has done it for this
AUTHORIZE, GO_ON = "/oidc/authorize", "/oidc/continue"


class NotOurs(SdesError):
    """Nobody whom we know, or not to an address of theirs: nothing is sent anywhere."""

    status = 400
    title = "You cannot sign in to that service with SDES"


@get(AUTHORIZE, name="single-sign-on.authorize", opt={"permission": Permission.ANYONE})
async def authorize(request: AnyRequest) -> Response[Any]:
    """Sends a person who has signed in back to the client with a code; anybody else to sign in first."""
    client, words = await client_and_words(request)
    try:
        asked = read(words)
        return await _answered(request, client, asked, words)
    except AskedWrongly as refusal:
        return _back(request, words, error=refusal.code, error_description=str(refusal))


@get(GO_ON, name="single-sign-on.continue", opt={"permission": Permission.ANYONE})
async def go_on(request: AnyRequest) -> Response[Any]:
    """A page between our sign-in and the client: a browser does not follow a form to another site by redirects, as
    form-action 'self' forbids, but it may leave a page."""
    client, words = await client_and_words(request)
    return onward(request, f"Going on to {client.name}", f"{AUTHORIZE}?{urlencode(words)}", f"Go on to {client.name}")


@post("/oidc/again", name="single-sign-on.again", opt={"permission": Permission.ANYONE})
async def again(request: AnyRequest) -> Response[Any]:
    """Ends the session of a person whom the client wants to have sign in anew, and lets them do so."""
    form = await read_form(request, cookie_of(request))
    if actor_of(request).is_signed_in:
        await sign_out(actor_of(request))
    return forget(go(request, _sign_in_path(own_path(form.text("next")))), request.app.state.settings)


async def client_and_words(request: AnyRequest) -> tuple[Client, dict[str, str]]:
    """The client that the address names, and all that it says. Refuses (400, here and not at the client) one that we
    do not know or that names no address of its own."""
    try:
        words = parameters(request.url.query or "")
    except AskedWrongly as cause:
        raise NotOurs("The link that brought you here cannot be read. Go back and try again.") from cause
    client = await client_in_use(words.get("client_id", ""))
    if client is None or words.get("redirect_uri") not in client.redirect_uris:
        raise NotOurs(
            "The service that sent you here is not registered with SDES, or not at this address. Go back to it and"
            " try again; if it happens again, tell its service desk."
        )
    return client, words


def onward(request: AnyRequest, title: str, href: str, link: str) -> Response[Any]:
    """A page that goes on to `href` by itself, and has a link for whoever stays."""
    answer = page(request, "templates/single_sign_on/onward.html", title=title, href=href, link=link, goes_on=True)
    answer.headers["Refresh"] = f"0; url={href}"
    return answer


async def _answered(request: AnyRequest, client: Client, asked: Asked, words: dict[str, str]) -> Response[Any]:
    actor = actor_of(request)
    if not actor.is_signed_in:
        if "none" in asked.prompts:
            raise AskedWrongly("login_required", "nobody is signed in")
        return go(request, _sign_in_path(_way_back(words)))
    if unfinished := actor.roles & WAY_ON.keys():
        if "none" in asked.prompts:
            raise AskedWrongly("interaction_required", "the person has not finished signing in")
        return go(request, with_next(WAY_ON[min(unfinished)], _way_back(words)))
    begun = await session_begun_at(actor)
    is_old = asked.max_age is not None and (clock.now() - begun).total_seconds() > asked.max_age
    if is_old and "none" in asked.prompts:
        raise AskedWrongly("login_required", "the person signed in too long ago")
    if is_old or "login" in asked.prompts:
        return page(request, "templates/single_sign_on/again.html", client=client.name, next=_way_back(words))
    return _back(request, words, code=await give_code(actor, client, asked))


def _back(request: AnyRequest, words: dict[str, str], **answer: str) -> Response[Any]:
    issuer = issuer_of(request.app.state.settings.public_url)
    address = with_words(words["redirect_uri"], **answer, state=words.get("state"), iss=issuer)
    return Redirect(address, status_code=302)


def _way_back(words: dict[str, str]) -> str:
    """The page to go on by once the person has signed in, as `prompt=login` or a `max_age` wanted them to: that they
    have is not asked a second time."""
    kept = {name: value for name, value in words.items() if name != "prompt"}
    if kept.get("max_age", "").isdecimal():
        kept["max_age"] = str(max(int(kept["max_age"]), JUST_NOW))
    return f"{GO_ON}?{urlencode(kept)}"


def _sign_in_path(next: str) -> str:
    return f"/sign-in?{urlencode({'next': next})}"
