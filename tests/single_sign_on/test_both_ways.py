"""Two of this service: one signs people in for the other, each as the other's real counterpart."""

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from litestar import Litestar

from sdes.app import create_app
from sdes.attachments.vault import Vault
from sdes.kit import db
from sdes.settings import Settings
from sdes.single_sign_on.discovery import forget
from tests.support.nudges import Nudges
from tests.support.oidc import address_of, free_socket, provider_row, registered, sent_away, serving
from tests.support.people import Browser, session_for
from tests.support.signing_in import is_signed_in

pytestmark = pytest.mark.anyio

HERE = "http://localhost:8000/sign-in/returned"


@pytest.fixture
async def enquiry_service(
    app: Litestar, db: None, settings: Settings, vault: Vault, nudges: Nudges
) -> AsyncIterator[str]:
    """Another of this service, listening, in the place of the enquiry service."""
    forget()
    with free_socket() as listening:
        made = create_app(replace(settings, public_url=address_of(listening)), with_database=False)
        async with serving(made, listening):
            yield address_of(listening)


@pytest.mark.spec("SD 2.2")
@pytest.mark.spec("SD 2.4")
async def test_one_signs_people_in_for_the_other(
    enquiry_service: str, piet: Browser, nobody: Browser, settings: Settings
) -> None:
    client_id, secret = await registered(piet, redirect_uris=HERE)
    await db.fetch("UPDATE person SET email_verified_at = now() WHERE email_key = 'mo@brightwatt.example'")
    provider = await provider_row(enquiry_service, client_id=client_id, secret=secret)
    asked = await nobody.get("/sign-in/with", params={"provider": provider, "next": "/account/display"})
    cookies = {settings.cookie: await session_for("mo@brightwatt.example", settings)}
    async with httpx.AsyncClient(cookies=cookies) as there:
        back = (await there.get(asked.headers["location"])).headers["location"]
    assert back.startswith(f"{HERE}?code=")
    parts = urlsplit(back)
    answer = await nobody.get(f"{parts.path}?{parts.query}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/display"), answer.text
    assert await is_signed_in(nobody)
    assert "Mo Sheikh" in (await nobody.get("/account/display")).text


async def test_an_address_that_was_never_verified_is_not_enough(
    enquiry_service: str, piet: Browser, nobody: Browser, settings: Settings
) -> None:
    client_id, secret = await registered(piet, redirect_uris=HERE)
    await db.fetch("UPDATE person SET email_verified_at = NULL WHERE email_key = 'asha@brightwatt.example'")
    provider = await provider_row(enquiry_service, client_id=client_id, secret=secret)
    asked = await nobody.get("/sign-in/with", params={"provider": provider})
    cookies = {settings.cookie: await session_for("asha@brightwatt.example", settings)}
    async with httpx.AsyncClient(cookies=cookies) as there:
        parts = urlsplit((await there.get(asked.headers["location"])).headers["location"])
    assert (await nobody.get(f"{parts.path}?{parts.query}")).status_code == 403


async def test_a_wrong_secret_is_a_sentence(enquiry_service: str, piet: Browser, nobody: Browser) -> None:
    client_id, _ = await registered(piet, redirect_uris=HERE)
    asked = await sent_away(nobody, await provider_row(enquiry_service, client_id=client_id, secret="wrong"))
    answer = await nobody.get(
        "/sign-in/returned", params={"code": "x", "state": asked["state"], "iss": enquiry_service}
    )
    assert answer.status_code == 503
