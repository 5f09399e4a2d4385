"""What an identity provider says of itself: found by its issuer, checked, remembered for some minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sdes.kit import clock
from sdes.single_sign_on.addresses import is_safe
from sdes.single_sign_on.fetching import Unreachable, fetch_json

REMEMBERED = timedelta(minutes=5)
_MOST = 200
_known: dict[tuple[str, bool], tuple[datetime, "Discovered"]] = {}


@dataclass(frozen=True)
class Discovered:
    """The doors of an identity provider, and how it wants to be spoken to."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    scopes: tuple[str, ...] | None  # None where it does not say
    secret_goes_in_form: bool
    names_itself: bool  # its answers carry `iss` (RFC 9207)


async def discovered(issuer: str, *, is_strict: bool) -> Discovered:
    """The metadata of the provider that goes by `issuer`. Refuses (Unreachable) one that does not answer or says
    something else than it must."""
    now = clock.now()
    remembered = _known.get((issuer, is_strict))
    if remembered and timedelta() <= now - remembered[0] < REMEMBERED:
        return remembered[1]
    told = await fetch_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration", is_strict=is_strict)
    found = _read(issuer, told, is_strict)
    if len(_known) >= _MOST:
        _known.clear()
    _known[issuer, is_strict] = (now, found)
    return found


def forget() -> None:
    """Forgets what is remembered: of a provider that was set up anew."""
    _known.clear()


def _read(issuer: str, told: dict[str, Any], is_strict: bool) -> Discovered:
    if told.get("issuer") != issuer:
        raise Unreachable("it goes by another issuer than this address")
    doors = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
        door = told.get(name)
        if door is None and name == "userinfo_endpoint":
            door = ""
        elif not isinstance(door, str) or not is_safe(door) or (is_strict and not door.startswith("https:")):
            raise Unreachable(f"it names no safe {name}")
        doors[name] = door
    methods = told.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        raise Unreachable("it does not take PKCE with S256")
    ways = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    scopes = told.get("scopes_supported")
    return Discovered(
        issuer=issuer,
        scopes=tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else None,
        secret_goes_in_form=isinstance(ways, list) and "client_secret_basic" not in ways,
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        **doors,
    )
