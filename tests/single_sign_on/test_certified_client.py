"""A client that others have written and that is certified signs people in here: `openid-client`."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from litestar import Litestar

from sdes.app import create_app
from sdes.attachments.vault import Vault
from sdes.settings import Settings
from tests.oidc_provider import certified
from tests.support.nudges import Nudges
from tests.support.oidc import BACK, address_of, free_socket, registered, serving
from tests.support.people import Browser, session_for

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(app: Litestar, db: None, settings: Settings, vault: Vault, nudges: Nudges) -> AsyncIterator[str]:
    """This service, listening."""
    with free_socket() as listening:
        made = create_app(replace(settings, public_url=address_of(listening)), with_database=False)
        async with serving(made, listening):
            yield address_of(listening)


@pytest.mark.spec("SD 2.2")
async def test_a_certified_client_signs_somebody_in(site: str, piet: Browser, settings: Settings) -> None:
    cookies = {settings.cookie: await session_for("mo@brightwatt.example", settings)}
    async with certified.client_of(site, *await registered(piet), BACK) as client:
        assert client.stdin
        assert client.stdout
        asked = (await client.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(cookies=cookies) as browser:
            back = (await browser.get(asked)).headers["location"]
        client.stdin.write(f"{back}\n".encode())
        told = json.loads(await client.stdout.readline())
    assert told["claims"]["email"] == told["userinfo"]["email"] == "mo@brightwatt.example"
    assert told["claims"]["master_admin_user"] is True
    assert told["refreshed"]["sub"] == told["again"]["sub"] == told["claims"]["sub"]
    assert told["reused"] == "invalid_grant", "a refresh token counted twice"
