"""ID tokens that are not believed: made by a provider that listens, and brought back by a browser."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from sdes.kit import clock
from sdes.single_sign_on.discovery import forget
from tests.support.communications import told
from tests.support.oidc import Rogue, provider_row, returning, rogue
from tests.support.people import Browser
from tests.support.signing_in import is_signed_in

pytestmark = pytest.mark.anyio

Claims = dict[str, Any]


def unsigned(there: Rogue, claims: Claims) -> str:
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def unsigned_with_a_signature(there: Rogue, claims: Claims) -> str:
    return f"{_part({'alg': 'none', 'kid': 'one'})}.{_part(claims)}.{_part({})}"


def signed_with_the_public_key_as_a_secret(there: Rogue, claims: Claims) -> str:
    said = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(claims)}"
    mark = hmac.digest(there.key.as_pem(private=False), said.encode(), "sha256")
    return f"{said}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def signed_with_the_client_s_secret(there: Rogue, claims: Claims) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("a secret of some length, at least"), ["HS256"])


def signed_by_a_stranger(there: Rogue, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048), algorithms=["RS256"])


def signed_by_a_key_that_it_brings(there: Rogue, claims: Claims) -> str:
    key = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "kid": "two", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key, algorithms=["RS256"])


def changed_afterwards(there: Rogue, claims: Claims) -> str:
    head, _, tail = jwt.encode({"alg": "RS256", "kid": "one"}, claims, there.key, algorithms=["RS256"]).split(".")
    return f"{head}.{_part({**claims, 'email': 'mo@brightwatt.example'})}.{tail}"


def none_at_all(there: Rogue, claims: Claims) -> Any:
    return None


def garbage(there: Rogue, claims: Claims) -> str:
    return "é.garbage..é"


@pytest.mark.parametrize(
    "make",
    [
        unsigned,
        unsigned_with_a_signature,
        signed_with_the_public_key_as_a_secret,
        signed_with_the_client_s_secret,
        signed_by_a_stranger,
        signed_by_a_key_that_it_brings,
        changed_afterwards,
        none_at_all,
        garbage,
    ],
)
async def test_a_token_that_the_provider_did_not_sign(nobody: Browser, make: Callable[[Rogue, Claims], str]) -> None:
    async with rogue() as there:
        there.make_token = make
        await refused(nobody, there)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": []},
        {"aud": ["sdes", "another"]},
        {"aud": ["sdes", "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ""},
        {"sub": None},
        {"sub": 7},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": None},
        {"exp": 10**400},
        {"nbf": "soon"},
    ],
)
async def test_a_token_that_is_not_for_us(nobody: Browser, claims: Claims) -> None:
    async with rogue() as there:
        there.claims = claims
        await refused(nobody, there)


@pytest.mark.parametrize("shift", [{"exp": -61}, {"iat": 120}, {"nbf": 120}, {"iat": -3600}, {"exp": -86400}], ids=str)
async def test_a_token_of_another_time(nobody: Browser, shift: dict[str, int]) -> None:
    async with rogue() as there:
        now = int(clock.now().timestamp())
        there.claims = {name: now + seconds for name, seconds in shift.items()}
        await refused(nobody, there)


@pytest.mark.parametrize("claims", [{"aud": ["sdes"]}, {"aud": ["sdes", "more"], "azp": "sdes"}, {"azp": "sdes"}])
async def test_a_token_that_is_for_us(nobody: Browser, claims: Claims) -> None:
    """Or else the refusals above prove nothing."""
    forget()
    async with rogue() as there:
        there.claims = claims
        assert (await returning(nobody, there, await provider_row(there.issuer))).status_code == 303


async def refused(nobody: Browser, there: Rogue) -> None:
    forget()
    answer = await returning(nobody, there, await provider_row(there.issuer))
    assert answer.status_code == 403
    assert "could not be trusted" in told(answer)[0]
    assert "/token" in there.asked, "the provider was asked, so it is the token that was refused"
    assert not await is_signed_in(nobody)


def _part(words: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(words).encode()).rstrip(b"=").decode()
