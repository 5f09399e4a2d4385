"""Signing out at the wish of a client (OpenID Connect RP-Initiated Logout): asked first, on our own page."""

from typing import Any

from litestar import Response, get, post

from sdes.accounts.actions.sign_in import sign_out as end_session
from sdes.accounts.cookies import forget
from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.kit.forms import read_form
from sdes.kit.rendering import page
from sdes.permissions import Permission
from sdes.single_sign_on.actions.keys import own_claims, public_keys
from sdes.single_sign_on.addresses import with_words
from sdes.single_sign_on.asking import AskedWrongly, parameters
from sdes.single_sign_on.queries import client_in_use
from sdes.single_sign_on.routes.asking import NotOurs, onward
from sdes.single_sign_on.views import Client

NOT_THERE = "The address to go back to is not registered with SDES. You are still signed in: use Sign out in the menu."


@get("/oidc/logout", name="single-sign-on.logout", opt={"permission": Permission.ANYONE})
async def ask(request: AnyRequest) -> Response[Any]:
    """Asks whether to sign out; nobody is signed out by a link alone."""
    try:
        words = parameters(request.url.query or "")
    except AskedWrongly as cause:
        raise NotOurs("The link that brought you here cannot be read. Use Sign out in the menu.") from cause
    client = await _client(words)
    if not actor_of(request).is_signed_in:
        return _signed_out(request, client, words)
    words["client_id"] = client.client_id if client else ""
    return page(request, "templates/single_sign_on/sign_out.html", client=client.name if client else "", words=words)


@post("/oidc/logout", name="single-sign-on.logout.submit", opt={"permission": Permission.ANYONE})
async def sign_out(request: AnyRequest) -> Response[Any]:
    """Signs out and goes back to the client."""
    form = await read_form(request, cookie_of(request))
    words = {name: form.raw(name) for name in ("client_id", "post_logout_redirect_uri", "state")}
    client = await _client(words)
    if actor_of(request).is_signed_in:
        await end_session(actor_of(request))
    answer = _signed_out(request, client, words)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return forget(answer, request.app.state.settings)


async def _client(words: dict[str, str]) -> Client | None:
    """The client that asks. Refuses (400) to go back to an address that is not exactly one of its own."""
    name = words.get("client_id", "")
    if words.get("id_token_hint"):
        claims = own_claims(words["id_token_hint"], await public_keys()) or {}
        if name and claims and name != claims.get("aud"):
            raise NotOurs(NOT_THERE)
        name = name or str(claims.get("aud", ""))
    client = await client_in_use(name) if name else None
    address = words.get("post_logout_redirect_uri")
    if address and (client is None or address not in client.post_logout_uris):
        raise NotOurs(NOT_THERE)
    return client


def _signed_out(request: AnyRequest, client: Client | None, words: dict[str, str]) -> Response[Any]:
    address = words.get("post_logout_redirect_uri")
    if client and address:
        href = with_words(address, state=words.get("state"))
        return onward(request, "You have signed out", href, f"Go back to {client.name}")
    name = "templates/single_sign_on/onward.html"
    return page(request, name, title="You have signed out", href="/sign-in", link="Sign in", goes_on=False)
