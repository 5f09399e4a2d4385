"""The talk with an identity provider: where the browser is sent, and what its code is exchanged for."""

from typing import Any
from urllib.parse import quote

from sdes.kit import clock
from sdes.settings import Settings
from sdes.single_sign_on.addresses import with_words
from sdes.single_sign_on.asking import challenge_of
from sdes.single_sign_on.discovery import Discovered, discovered
from sdes.single_sign_on.fetching import Unreachable, fetch_json
from sdes.single_sign_on.id_tokens import NotBelieved, believed
from sdes.single_sign_on.metadata import issuer_of
from sdes.single_sign_on.views import Begun, Provider

_SCOPES = ("openid", "email", "profile")


def return_address(settings: Settings) -> str:
    """Where identity providers send people back to: what is registered with each of them."""
    return f"{issuer_of(settings.public_url)}/sign-in/returned"


async def address_of_sign_in(provider: Provider, begun: Begun, settings: Settings) -> str:
    """Where the browser goes to sign in at the provider. Refuses (Unreachable) one that does not answer."""
    found = await discovered(provider.issuer, is_strict=settings.https)
    return with_words(
        found.authorization_endpoint,
        response_type="code",
        client_id=provider.client_id,
        redirect_uri=return_address(settings),
        scope=" ".join(_scopes(provider, found)),
        state=begun.state,
        nonce=begun.nonce,
        code_challenge=challenge_of(begun.code_verifier),
        code_challenge_method="S256",
    )


async def claims_for(
    provider: Provider, secret: str, begun: Begun, code: str, issuer: str, settings: Settings
) -> dict[str, Any]:
    """What the provider says of the person whose code this is. `issuer` is the one that the browser brought, if any.

    Refuses (NotBelieved, Unreachable) what it cannot prove or does not answer. No transaction may be open: it can take
    a while.
    """
    strict = settings.https
    found = await discovered(provider.issuer, is_strict=strict)
    if (issuer or found.names_itself) and issuer != provider.issuer:
        raise NotBelieved("the answer came from another provider")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": return_address(settings),
        "code_verifier": begun.code_verifier,
    }
    auth = (quote(provider.client_id, safe=""), quote(secret, safe=""))  # RFC 6749 2.3.1
    if found.secret_goes_in_form:
        form |= {"client_id": provider.client_id, "client_secret": secret}
    told = await fetch_json(
        found.token_endpoint, is_strict=strict, data=form, auth=None if found.secret_goes_in_form else auth
    )
    jwks = await fetch_json(found.jwks_uri, is_strict=strict)
    claims = believed(
        told.get("id_token"),
        jwks,
        issuer=provider.issuer,
        client_id=provider.client_id,
        nonce=begun.nonce,
        at=clock.now(),
    )
    return claims if "email" in claims else {**await _userinfo(found, told, claims, strict), **claims}


async def _userinfo(found: Discovered, told: dict[str, Any], claims: dict[str, Any], is_strict: bool) -> dict[str, Any]:
    """Further claims, where the ID token leaves them out (OpenID Connect Core 5.3)."""
    token = told.get("access_token")
    if not found.userinfo_endpoint or not isinstance(token, str):
        return {}
    if not token.isascii() or not token.isprintable():
        raise Unreachable("its answer cannot be read")
    more = await fetch_json(found.userinfo_endpoint, is_strict=is_strict, bearer=token)
    if more.get("sub") != claims["sub"]:
        raise NotBelieved("the further claims are another person's")
    return more


def _scopes(provider: Provider, found: Discovered) -> list[str]:
    wanted = [*_SCOPES, *(["sdes"] if provider.is_enquiry_service else [])]
    return [scope for scope in wanted if found.scopes is None or scope in found.scopes or scope == "openid"]
