"""Before second factors are changed, whoever sits there shows anew who they are, unless they have just signed in."""

from datetime import timedelta

import pytest
from litestar import Litestar

from sdes.kit import clock, db
from sdes.settings import Settings
from tests.support.communications import count, told
from tests.support.people import PASSWORD, Browser
from tests.support.second_factors import SECURITY, with_app, with_passkey
from tests.support.signing_in import ASHA, browser_with, is_signed_in

pytestmark = pytest.mark.anyio

CONFIRMATION = f"{SECURITY}/confirmation"
AGO = timedelta(minutes=16)


async def signed_in_a_while_ago() -> None:
    await db.fetch("UPDATE session SET created_at = created_at - $1::interval", AGO)


async def test_changes_ask_who_sits_there_and_nothing_is_changed(asha: Browser) -> None:
    await with_app(asha)
    await with_passkey(asha)
    (passkey,) = await db.fetch("SELECT id FROM passkey")
    before = await traces()
    await signed_in_a_while_ago()
    for path in ("authenticator", "passkeys/new"):
        answer = await asha.get(f"{SECURITY}/{path}")
        assert answer.headers["location"] == f"{CONFIRMATION}?next=%2Faccount%2Fsecurity%2F{path.replace('/', '%2F')}"
    own = f"passkeys/{passkey['id']}"
    changes = ("authenticator", "authenticator/removal", "recovery-codes", "passkeys/challenge")
    for path in (*changes, f"{own}/name", f"{own}/removal"):
        answer = await asha.post(f"{SECURITY}/{path}", {"name": "Another", "code": "1"})
        assert answer.headers["location"] == f"{CONFIRMATION}?next=%2Faccount%2Fsecurity", path
    assert await traces() == before
    assert (await asha.get(SECURITY)).status_code == 200


async def traces() -> list[object]:
    return [
        await db.fetch("SELECT totp_secret FROM person ORDER BY id"),
        await db.fetch("SELECT name FROM passkey"),
        await db.fetch("SELECT code_hash FROM recovery_code ORDER BY id"),
        await count("passkey_challenge"),
    ]


async def test_the_password_goes_on_in_a_new_session(app: Litestar, settings: Settings, asha: Browser) -> None:
    await signed_in_a_while_ago()
    old = asha.client.cookies[settings.cookie]
    answer = await asha.post(CONFIRMATION, {"password": PASSWORD, "next": f"{SECURITY}/authenticator"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{SECURITY}/authenticator")
    await asha.knows_who_signed_in(ASHA)
    assert not await is_signed_in(browser_with(app, settings, old))
    assert (await asha.get(f"{SECURITY}/authenticator")).status_code == 200


async def test_a_wrong_password_does_not(asha: Browser) -> None:
    await signed_in_a_while_ago()
    answer = await asha.post(CONFIRMATION, {"password": "not it", "next": SECURITY})
    assert (answer.status_code, told(answer)) == (422, ["This is not your present password"])
    for _ in range(4):
        await asha.post(CONFIRMATION, {"password": ""})
    assert (await asha.post(CONFIRMATION, {"password": PASSWORD})).status_code == 429
    assert (await asha.get(f"{SECURITY}/authenticator")).status_code == 303


@pytest.mark.parametrize("method", ["sso:Enquiry service", "passkey"])
async def test_who_came_without_a_password_cannot_use_one(asha: Browser, method: str) -> None:
    await signed_in_a_while_ago()
    await db.fetch("UPDATE session SET method = $1", method)
    assert 'name="password"' not in (await asha.get(CONFIRMATION)).text
    assert (await asha.post(CONFIRMATION, {"password": PASSWORD})).status_code == 422


async def test_it_leads_to_this_site_only(asha: Browser) -> None:
    answer = await asha.post(CONFIRMATION, {"password": PASSWORD, "next": "//evil.example"})
    assert answer.headers["location"] == "/"


async def test_for_a_quarter_of_an_hour_nobody_is_asked(asha: Browser) -> None:
    with clock.at(clock.now() + timedelta(minutes=14)):
        assert (await asha.get(f"{SECURITY}/authenticator")).status_code == 200
    with clock.at(clock.now() + AGO):
        assert (await asha.get(f"{SECURITY}/authenticator")).status_code == 303


async def test_strangers_are_sent_to_sign_in(nobody: Browser, mei: Browser) -> None:
    assert (await nobody.get(SECURITY)).headers["location"].startswith("/sign-in?next=")
    assert (await mei.get(SECURITY)).status_code == 200, "whoever can sign in can make it safer"
