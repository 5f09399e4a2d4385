"""Signing in at a provider that others have written and that is certified: `oidc-provider`."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from sdes.single_sign_on.discovery import forget
from tests.oidc_provider import certified
from tests.support.communications import told
from tests.support.oidc import provider_row
from tests.support.people import Browser
from tests.support.signing_in import is_signed_in

pytestmark = pytest.mark.anyio

HERE = "http://localhost:8000/sign-in/returned"
SECRET = "a secret & of : awkward + characters %"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with certified.running("sdes", SECRET, HERE) as address:
        yield address


async def back_from(issuer: str, browser: Browser, person: str) -> httpx.Response:
    """The browser's page after the person has signed in there."""
    forget()
    provider = await provider_row(issuer, secret=SECRET)
    asked = await browser.get("/sign-in/with", params={"provider": provider, "next": "/account/display"})
    assert asked.status_code == 302, told(asked)
    parts = urlsplit(await certified.signed_in(asked.headers["location"], person, HERE))
    return await browser.get(f"{parts.path}?{parts.query}")


@pytest.mark.spec("SD 2.2")
async def test_a_certified_provider_signs_somebody_in(issuer: str, nobody: Browser) -> None:
    answer = await back_from(issuer, nobody, "asha@brightwatt.example")
    assert (answer.status_code, answer.headers.get("location")) == (303, "/account/display"), told(answer)
    assert await is_signed_in(nobody)


@pytest.mark.parametrize("person", ["unverified-asha@brightwatt.example", "nobody@brightwatt.example"])
async def test_and_nobody_else(issuer: str, nobody: Browser, person: str) -> None:
    assert (await back_from(issuer, nobody, person)).status_code == 403
    assert not await is_signed_in(nobody)
