"""A client that others have written signs people in here, over a real connection: Authlib's, by discovery and PKCE."""

import warnings
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from litestar import Litestar

from sdes.app import create_app
from sdes.attachments.vault import Vault
from sdes.settings import Settings
from tests.support.nudges import Nudges
from tests.support.oidc import BACK, VERIFIER, address_of, free_socket, registered, serving
from tests.support.people import Browser, session_for

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Authlib would rather have a later httpx
    from authlib.integrations.httpx_client import AsyncOAuth2Client
    from authlib.oidc.core import CodeIDToken

from joserfc import jwt
from joserfc.jwk import KeySet

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(app: Litestar, db: None, settings: Settings, vault: Vault, nudges: Nudges) -> AsyncIterator[str]:
    """This service, listening."""
    with free_socket() as listening:
        made = create_app(replace(settings, public_url=address_of(listening)), with_database=False)
        async with serving(made, listening):
            yield address_of(listening)


@pytest.mark.spec("SD 2.2")
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_a_client_library_signs_somebody_in(site: str, piet: Browser, settings: Settings, method: str) -> None:
    client_id, secret = await registered(piet)
    async with AsyncOAuth2Client(
        client_id,
        secret,
        token_endpoint_auth_method=method,
        scope="openid email sdes",
        redirect_uri=BACK,
        code_challenge_method="S256",
    ) as library:
        found: dict[str, Any] = (
            await library.request("GET", f"{site}/.well-known/openid-configuration", withhold_token=True)
        ).json()
        address, state = library.create_authorization_url(
            found["authorization_endpoint"], code_verifier=VERIFIER, nonce="n"
        )
        cookies = {settings.cookie: await session_for("mo@brightwatt.example", settings)}
        async with httpx.AsyncClient(cookies=cookies) as browser:
            back = (await browser.get(address)).headers["location"]
        token = await library.fetch_token(
            found["token_endpoint"], authorization_response=back, state=state, code_verifier=VERIFIER
        )
        keys = KeySet.import_key_set((await library.get(found["jwks_uri"])).json())
        claims = CodeIDToken(
            jwt.decode(token["id_token"], keys).claims,
            {"alg": "RS256"},
            {"iss": {"value": found["issuer"]}, "aud": {"value": client_id}},
            {"nonce": "n", "client_id": client_id, "access_token": token["access_token"]},
        )
        claims.validate()
        assert found["issuer"] == site
        assert (claims["email"], claims["master_admin_user"]) == ("mo@brightwatt.example", True)
        more = (await library.get(found["userinfo_endpoint"])).json()
        assert more["sub"] == claims["sub"]
