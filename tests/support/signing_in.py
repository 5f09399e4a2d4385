"""Signing in by the door, and finding out whether somebody is."""

from typing import Any

import httpx
from litestar import Litestar

from sdes.kit import csrf
from sdes.settings import Settings
from tests.support.people import PASSWORD, Browser

ASHA = "asha@brightwatt.example"


async def signing_in(
    browser: Browser, email: str = ASHA, password: str = PASSWORD, address: str = "", **more: Any
) -> httpx.Response:
    """Posts the sign-in form, if need be as from another network address."""
    if address:
        browser.client._transport.client = (address, 50000)  # type: ignore[attr-defined]
    token = csrf.token_for(f"{browser.client.cookies[browser.settings.form_cookie]}.")
    answer = await browser.post("/sign-in", {"csrf_token": token, "email": email, "password": password, **more})
    if answer.status_code == 303:
        await browser.knows_who_signed_in(email)
    return answer


async def is_signed_in(browser: Browser) -> bool:
    """Whether the browser's session opens a door that asks for one."""
    return (await browser.get("/status")).status_code == 200


def browser_with(app: Litestar, settings: Settings, token: str) -> Browser:
    """A browser that sends `token` as its session."""
    return Browser(app, settings, token)
