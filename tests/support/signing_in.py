"""Signing in by the door, and finding out whether somebody is."""

from datetime import datetime
from typing import Any

import httpx
from litestar import Litestar

from sdes.accounts import passwords
from sdes.kit import csrf, db
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


async def give_single_use(password: str = "single-use-7Kq2x", until: datetime | None = None, email: str = ASHA) -> str:
    """That person is a newcomer whose single-use password is `password`."""
    await db.fetch(
        "UPDATE person SET password_hash = $1, password_is_single_use = true, password_expires_at = $2,"
        " last_sign_in_at = NULL, email_verified_at = NULL WHERE email_key = $3",
        await passwords.hashed(password),
        until,
        email,
    )
    return password


async def unverify(email: str = ASHA) -> None:
    """Nobody knows whether the person's address is theirs."""
    await db.fetch("UPDATE person SET email_verified_at = NULL WHERE email_key = $1", email)


async def person_with(email: str = ASHA) -> Any:
    """That person's row as it is now."""
    return (await db.fetch("SELECT * FROM person WHERE email_key = $1", email))[0]


async def is_signed_in(browser: Browser) -> bool:
    """Whether the browser's session opens a door that asks for one."""
    return (await browser.get("/status")).status_code == 200


def browser_with(app: Litestar, settings: Settings, token: str) -> Browser:
    """A browser that sends `token` as its session."""
    return Browser(app, settings, token)
