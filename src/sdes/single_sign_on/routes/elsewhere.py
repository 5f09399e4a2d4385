"""Signing in at another provider: the choice of it, the way there, and the way back."""

import logging
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from sdes.accounts.entrance import AnyRequest, address_of, cookie_of
from sdes.accounts.forms import own_path
from sdes.accounts.routes.letting_in import device_of, let_in
from sdes.kit import csrf
from sdes.kit.forms import read_form
from sdes.kit.rendering import page
from sdes.permissions import Permission
from sdes.single_sign_on.actions.elsewhere import NotLetIn, finish, record_answer, said, take
from sdes.single_sign_on.actions.elsewhere import begin as begun_at
from sdes.single_sign_on.actions.providers import unsealed
from sdes.single_sign_on.exchanging import address_of_sign_in, claims_for
from sdes.single_sign_on.fetching import Unreachable
from sdes.single_sign_on.forms import domain_of
from sdes.single_sign_on.id_tokens import NotBelieved
from sdes.single_sign_on.queries import enabled_providers, provider_at
from sdes.single_sign_on.routes.asking import onward
from sdes.single_sign_on.views import Provider
from sdes.single_sign_on.ways_in import way_to

log = logging.getLogger(__name__)

DOOR = {"permission": Permission.ANYONE}
OWN = {"permission": Permission.ANYONE, "transaction": "own"}
TOO_OLD = "This sign-in was begun too long ago, in another window, or was used already. Begin again."
NOT_THERE = "That sign-in is no longer in use. Use your e-mail address and password."
DECLINED = "{name} did not sign you in. Try again, or use your e-mail address and password."
NO_ANSWER = "The sign-in of {name} does not answer. Try again later, or use your e-mail address and password."
NOT_BELIEVED = (
    "The answer of {name} could not be trusted, so you were not signed in. Try again; if it happens again, tell the"
    " service desk."
)
NO_DOMAIN = "No company signs in elsewhere with this e-mail address. Use your e-mail address and password."


@get("/sign-in/elsewhere", name="single-sign-on.elsewhere", opt=DOOR)
async def choose(request: AnyRequest, next: FromQuery[str | None] = None) -> Response[Any]:
    """Asks for the e-mail address, from which the company's own sign-in is found."""
    return _choice(request, own_path(next))


@post("/sign-in/elsewhere", name="single-sign-on.elsewhere.find", opt=DOOR)
async def find(request: AnyRequest) -> Response[Any]:
    """Finds a company's sign-in by the e-mail domain; tells nothing about accounts."""
    form = await read_form(request, cookie_of(request, of_nobody=True))
    next, email = own_path(form.text("next")), form.text("email")
    domain = domain_of(email)
    if not domain:
        return _choice(request, next, email, {"email": "Enter your e-mail address at work"})
    if provider := await provider_at(domain):
        href = way_to(provider, next)
        return onward(request, f"Going on to {provider.name}", href, f"Go on to {provider.name}")
    return _choice(request, next, email, {"email": NO_DOMAIN})


@get("/sign-in/with", name="single-sign-on.begin", opt=OWN)
async def begin(request: AnyRequest, provider: FromQuery[int], next: FromQuery[str | None] = None) -> Response[Any]:
    """Sends the browser to another provider, with a state that only this browser can bring back."""
    chosen = await _provider(provider)
    if chosen is None:
        return _not_signed_in(request, NOT_THERE, 404)
    browser = request.scope["state"]["form_cookie"]
    begun = await begun_at(chosen, browser, own_path(next), address=address_of(request))
    try:
        address = await address_of_sign_in(chosen, begun, request.app.state.settings)
    except Unreachable as cause:
        return _failed(request, chosen, cause)
    return Redirect(address, status_code=302)


@get("/sign-in/returned", name="single-sign-on.returned", opt=OWN)
async def returned(request: AnyRequest) -> Response[Any]:
    """Takes the answer of another provider and opens a session for the person that it proves."""
    words = request.query_params
    begun = await take(words.get("state", ""), request.scope["state"]["form_cookie"])
    chosen = await _provider(begun.provider_id) if begun else None
    if begun is None or chosen is None:
        return _not_signed_in(request, TOO_OLD if begun is None else NOT_THERE, 400)
    if "error" in words or not words.get("code"):
        await record_answer(chosen, f"declined there{said(words.get('error', ''))}", address_of(request))
        return _not_signed_in(request, DECLINED.format(name=chosen.name), 403, chosen)
    settings = request.app.state.settings
    try:
        secret = unsealed(chosen.client_secret)
        claims = await claims_for(chosen, secret, begun, words["code"], words.get("iss", ""), settings)
        opened = await finish(chosen, claims, device=device_of(request), settings=settings)
    except (Unreachable, NotBelieved) as cause:
        await record_answer(chosen, f"its answer was not taken: {cause}", address_of(request))
        return _failed(request, chosen, cause)
    except NotLetIn as refusal:
        return _not_signed_in(request, str(refusal), 403)
    return let_in(request, opened, begun.next)


async def _provider(provider_id: int) -> Provider | None:
    found = [one for one in await enabled_providers() if one.id == provider_id]
    return found[0] if found else None


def _choice(request: AnyRequest, next: str, email: str = "", errors: dict[str, str] | None = None) -> Response[Any]:
    return page(
        request,
        "templates/single_sign_on/elsewhere.html",
        422 if errors else 200,
        csrf_token=csrf.token_for(cookie_of(request, of_nobody=True)),
        next=next,
        email=email,
        errors=errors or {},
    )


def _failed(request: AnyRequest, provider: Provider, cause: Exception) -> Response[Any]:
    log.warning("request %s: sign-in at %s: %s", request.scope["state"]["request_id"], provider.issuer, cause)
    if isinstance(cause, NotBelieved):
        return _not_signed_in(request, NOT_BELIEVED.format(name=provider.name), 403, provider)
    return _not_signed_in(request, NO_ANSWER.format(name=provider.name), 503, provider)


def _not_signed_in(request: AnyRequest, text: str, status: int, provider: Provider | None = None) -> Response[Any]:
    """A page of its own: the ordinary sign-in is one step away, and stays whatever the other does."""
    again = way_to(provider) if provider else ""
    return page(request, "templates/single_sign_on/not_signed_in.html", status, text=text, again=again)
