"""Whoever has to choose a password or set up a second factor first comes to the page that they had asked for."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from sdes.kit import db
from tests.support.authenticators import Authenticator
from tests.support.people import HTMX, Browser
from tests.support.second_factors import SECURITY, code_of, offered, recovery_codes
from tests.support.signing_in import ASHA, signing_in

pytestmark = pytest.mark.anyio

PAGE = "/sdep/communications?folder=archive&sort=subject"
NEXT = f"?next={quote(PAGE, safe='')}"
NEW = {"password": "quite another phrase 7", "password_again": "quite another phrase 7"}
ELSEWHERE = ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", ""]


@pytest.fixture
async def newcomer(nobody: Browser) -> Browser:
    await db.fetch("UPDATE person SET password_is_single_use = true WHERE email_key = $1", ASHA)
    await signing_in(nobody)
    return nobody


@pytest.fixture
async def enrolling(nobody: Browser) -> Browser:
    await db.fetch("UPDATE company SET requires_second_factor = true WHERE name = 'Brightwatt Energy'")
    await signing_in(nobody)
    return nobody


async def test_a_new_password_leads_on(newcomer: Browser) -> None:
    answer = await newcomer.get(PAGE)
    assert answer.headers["location"] == f"/new-password{NEXT}"
    text = (await newcomer.get(answer.headers["location"])).text
    assert _hidden(text) == PAGE
    wrong = await newcomer.post("/new-password", {"password": "short", "next": PAGE})
    assert (wrong.status_code, _hidden(wrong.text)) == (422, PAGE)
    assert (await newcomer.post("/new-password", {**NEW, "next": PAGE})).headers["location"] == PAGE


@pytest.mark.parametrize("asked", ELSEWHERE)
async def test_a_new_password_leads_to_this_site_only(newcomer: Browser, asked: str) -> None:
    assert _hidden((await newcomer.get("/new-password", params={"next": asked})).text) == "/"
    assert (await newcomer.post("/new-password", {**NEW, "next": asked})).headers["location"] == "/"


async def test_an_authenticator_app_leads_on(enrolling: Browser) -> None:
    answer = await enrolling.get(PAGE)
    assert answer.headers["location"] == f"{SECURITY}{NEXT}"
    text = (await enrolling.get(answer.headers["location"])).text
    assert f'href="{SECURITY}/authenticator{NEXT}"' in text
    assert _hidden((await enrolling.get(f"{SECURITY}/authenticator{NEXT}")).text) == PAGE
    secret, offer = await offered(enrolling)
    form = {"offer": offer, "next": PAGE}
    wrong = await enrolling.post(f"{SECURITY}/authenticator", {**form, "code": "x"})
    assert (wrong.status_code, _hidden(wrong.text)) == (422, PAGE)
    codes = await enrolling.post(f"{SECURITY}/authenticator", {**form, "code": code_of(secret)})
    assert len(recovery_codes(codes)) == 10
    assert _way_on(codes.text) == PAGE


async def test_a_passkey_leads_on(enrolling: Browser) -> None:
    text = (await enrolling.get(f"{SECURITY}{NEXT}")).text
    assert f'href="{SECURITY}/passkeys/new{NEXT}"' in text
    assert _hidden((await enrolling.get(f"{SECURITY}/passkeys/new{NEXT}")).text) == PAGE
    asked = await enrolling.post(f"{SECURITY}/passkeys/challenge")
    form = {"credential": Authenticator().make(asked.text), "next": PAGE}
    wrong = await enrolling.post(f"{SECURITY}/passkeys", {**form, "name": ""})
    assert (wrong.status_code, _hidden(wrong.text)) == (422, PAGE)
    assert _way_on((await enrolling.post(f"{SECURITY}/passkeys", {**form, "name": "Laptop"})).text) == PAGE


@pytest.mark.parametrize("asked", ELSEWHERE)
async def test_a_second_factor_leads_to_this_site_only(enrolling: Browser, asked: str) -> None:
    assert f'href="{SECURITY}/authenticator"' in (await enrolling.get(SECURITY, params={"next": asked})).text
    secret, offer = await offered(enrolling)
    form = {"offer": offer, "next": asked, "code": code_of(secret)}
    assert _way_on((await enrolling.post(f"{SECURITY}/authenticator", form)).text) == SECURITY


async def test_parts_of_a_page_and_forms_lead_nowhere_in_particular(newcomer: Browser) -> None:
    part = await newcomer.get(PAGE, headers=HTMX)
    assert part.headers["hx-redirect"] == "/new-password"
    assert (await newcomer.post("/sdep/communications/bulk")).headers["location"] == "/new-password"


def _hidden(text: str) -> str:
    """Where a page's form goes on to."""
    match = re.search(r'name="next" value="([^"]*)"', text)
    assert match, text
    return unescape(match[1])


def _way_on(text: str) -> str:
    """Where the page with the recovery codes leads."""
    match = re.search(r'href="([^"]*)">I have kept them', text)
    assert match, text
    return unescape(match[1])
