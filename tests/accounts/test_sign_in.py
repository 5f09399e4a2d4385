"""Signing in and out: only with the right address and password, under a new token, on the server (SD 2.2, 8.1)."""

from dataclasses import replace

import pytest
from litestar import Litestar

from sdes.accounts import passwords
from sdes.accounts.sessions import token_hash
from sdes.app import create_app
from sdes.kit import csrf, db
from sdes.settings import Settings
from tests.support.communications import count, told
from tests.support.people import Browser
from tests.support.signing_in import ASHA, browser_with, is_signed_in, signing_in

pytestmark = pytest.mark.anyio

WRONG = "The e-mail address or the password is not right. Check both and try again."
SUSPENDED = "Your account is suspended. Your Master Admin User can reinstate it."


@pytest.mark.spec("SD 2.2")
@pytest.mark.spec("SD 8.1")
async def test_the_right_address_and_password_open_every_door_of_ones_own(nobody: Browser) -> None:
    assert not await is_signed_in(nobody)
    answer = await signing_in(nobody)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await is_signed_in(nobody)
    assert "Asha Rahman" in (await nobody.get("/sdep/communications")).text
    assert await count("audit_entry", "event = 'accounts.session.started' AND person_name = 'Asha Rahman'") == 1


@pytest.mark.spec("SD 8.1")
@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ASHA, "not the password at all"),
        (ASHA, "Four lively words together"),
        (ASHA, "four lively words together "),
        ("nobody@brightwatt.example", "four lively words together"),
        ("asha@brightwatt.example'--", "four lively words together"),
        (ASHA, "a\x00b"),
        ("é" * 300, "x" * 5000),
    ],
)
async def test_anything_else_is_refused_with_one_sentence(nobody: Browser, email: str, password: str) -> None:
    answer = await signing_in(nobody, email, password)
    assert (answer.status_code, told(answer)) == (422, [WRONG])
    assert not await is_signed_in(nobody)


async def test_what_was_typed_stays_but_for_the_password(nobody: Browser) -> None:
    answer = await signing_in(nobody, "Someone@Brightwatt.example", "a wrong secret")
    assert 'value="Someone@Brightwatt.example"' in answer.text
    assert "a wrong secret" not in answer.text


async def test_what_is_missing_is_said(nobody: Browser) -> None:
    answer = await signing_in(nobody, " ", "")
    assert (answer.status_code, told(answer)) == (422, ["Enter your e-mail address", "Enter your password"])


async def test_an_address_with_characters_that_nobody_sees_is_refused(nobody: Browser) -> None:
    answer = await signing_in(nobody, "a\x00sha@brightwatt.example")
    assert answer.status_code == 422
    assert told(answer) == ["Enter your e-mail address again: it contained characters that cannot be seen"]


async def test_an_address_is_the_same_in_capitals_and_with_blanks(nobody: Browser) -> None:
    assert (await signing_in(nobody, "  Asha@BRIGHTWATT.example ")).status_code == 303


@pytest.mark.parametrize(("state", "sentence"), [("suspended", SUSPENDED), ("deleted", WRONG)])
async def test_a_suspended_or_deleted_person_is_out_at_once(
    nobody: Browser, asha: Browser, state: str, sentence: str
) -> None:
    await db.fetch("UPDATE person SET state = $1 WHERE email_key = $2", state, ASHA)
    assert not await is_signed_in(asha)
    assert told(await signing_in(nobody)) == [sentence]
    assert told(await signing_in(nobody, password="wrong")) == [WRONG], "only with the password is one told why"
    assert not await is_signed_in(nobody)


@pytest.mark.spec("SD 8.1")
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("password_hash = 'of another password'", WRONG),
        ("email_key = 'new@brightwatt.example'", WRONG),
        ("state = 'deleted'", WRONG),
        ("state = 'suspended'", SUSPENDED),
    ],
)
async def test_a_change_while_the_password_is_looked_at_counts(
    nobody: Browser, monkeypatch: pytest.MonkeyPatch, change: str, sentence: str
) -> None:
    is_right = passwords.is_right

    async def meanwhile(password: str, hashed: str) -> bool:
        right = await is_right(password, hashed)
        await db.fetch(f"UPDATE person SET {change} WHERE email_key = $1", ASHA)
        return right

    monkeypatch.setattr(passwords, "is_right", meanwhile)
    answer = await signing_in(nobody)
    assert (answer.status_code, told(answer)) == (422, [sentence])
    assert not await is_signed_in(nobody)
    assert await count("session", "ended_at IS NULL") == 0
    assert await count("audit_entry", "event = 'accounts.sign-in.refused' AND subject LIKE 'person %'") == 1


async def test_the_token_is_new_whatever_the_browser_brought(
    app: Litestar, settings: Settings, nobody: Browser
) -> None:
    planted = "a-token-that-an-attacker-knows"
    nobody.client.cookies.set(settings.cookie, planted)
    await signing_in(nobody)
    tokens = [cookie.value or "" for cookie in nobody.client.cookies.jar if cookie.name == settings.cookie]
    assert planted not in tokens[-1]
    assert not await is_signed_in(browser_with(app, settings, planted))
    assert await is_signed_in(browser_with(app, settings, tokens[-1]))


@pytest.mark.usefixtures("db")
async def test_two_sign_ins_have_two_tokens_and_the_server_keeps_only_their_hashes(
    app: Litestar, settings: Settings
) -> None:
    tokens = []
    for _ in range(2):
        browser = Browser(app, settings)
        await signing_in(browser)
        tokens.append(browser.client.cookies[settings.cookie])
    assert len(set(tokens)) == 2
    assert all(len(token) >= 43 for token in tokens)
    kept = await db.fetch("SELECT token_hash, s::text AS everything FROM session s")
    assert {token_hash(token) for token in tokens} <= {row["token_hash"] for row in kept}
    assert not any(token in row["everything"] for row in kept for token in tokens)


async def test_cookies_are_unreadable_for_scripts_and_last_until_the_browser_closes(nobody: Browser) -> None:
    answer = await signing_in(nobody)
    cookie = next(one.lower() for one in answer.headers.get_list("set-cookie") if one.startswith("sdes="))
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "max-age" not in cookie
    assert "expires" not in cookie
    assert "domain" not in cookie


@pytest.mark.spec("SD 8.1")
async def test_behind_https_cookies_are_bound_to_it(settings: Settings, nobody: Browser) -> None:
    secure = replace(settings, https=True)
    app = create_app(secure, with_database=False)
    browser = Browser(app, secure)
    first = (await browser_without_cookies(app, secure).get("/sign-in")).headers["set-cookie"]
    token = (await signing_in(browser)).headers["set-cookie"]
    out = await browser.post("/sign-out", {"csrf_token": csrf.token_for("a-form-cookie.")})
    for cookie, name in (
        (first, "__Host-sdes-form="),
        (token, "__Host-sdes="),
        (out.headers["set-cookie"], "__Host-sdes="),
    ):
        assert cookie.startswith(name)
        assert {"secure", "httponly", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
        assert "domain" not in cookie.lower()
    assert "max-age=31536000" in out.headers["strict-transport-security"]


def browser_without_cookies(app: Litestar, settings: Settings) -> Browser:
    browser = Browser(app, settings)
    browser.client.cookies.clear()
    return browser


async def test_signing_out_ends_the_session_on_the_server(app: Litestar, settings: Settings, asha: Browser) -> None:
    answer = await asha.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?why=out")
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert answer.headers["clear-site-data"] == '"storage"'
    assert not await is_signed_in(browser_with(app, settings, asha.token)), "the copied token still opens doors"
    assert "You have signed out" in (await asha.get(answer.headers["location"])).text
    assert await count("audit_entry", "event = 'accounts.session.ended'") == 1


async def test_signing_out_twice_is_fine(nobody: Browser) -> None:
    assert (await nobody.post("/sign-out")).status_code == 303


async def test_who_is_signed_in_needs_no_sign_in_page(asha: Browser) -> None:
    answer = await asha.get("/sign-in?next=/sdep/drafts")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sdep/drafts")


async def test_where_to_go_survives_a_wrong_password(nobody: Browser) -> None:
    page = await nobody.get("/sign-in?next=%2Fsdep%2Fdrafts")
    assert 'name="next" value="/sdep/drafts"' in page.text
    again = await signing_in(nobody, password="wrong", next="/sdep/drafts")
    assert 'name="next" value="/sdep/drafts"' in again.text
