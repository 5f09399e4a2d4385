"""A sign-in from a browser that a person had not used before is told to them by e-mail; the browser is known by a
lasting cookie (SD 8.1)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from litestar import Litestar

from sdes.accounts import browsers, methods
from sdes.accounts.actions.upkeep import forget_old_sessions
from sdes.accounts.cookies import KNOWN_FOR
from sdes.actor import Actor
from sdes.app import create_app
from sdes.kit import clock, db
from sdes.settings import Settings
from tests.support.communications import count
from tests.support.mails import Mail, mails_to
from tests.support.people import PASSWORD, Browser
from tests.support.signing_in import ASHA, give_single_use, person_with, signing_in

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 8.1")]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
MORNING = datetime.fromisoformat("2026-07-01T09:30+00:00")
BEN = "ben@brightwatt.example"


async def told_of(email: str = ASHA) -> list[Mail]:
    return await mails_to(email, "new_browser")


async def has_signed_in_before(*emails: str) -> None:
    await db.fetch("UPDATE person SET last_sign_in_at = now() - interval '1 day' WHERE email_key = ANY($1)", emails)


def again(browser: Browser) -> Browser:
    """The same browser, signed out."""
    browser.client.cookies.delete(browser.settings.cookie)
    return browser


async def test_a_browser_that_is_new_is_told_with_when_where_and_what_to_do(nobody: Browser) -> None:
    await has_signed_in_before(ASHA)
    nobody.client.headers["User-Agent"] = FIREFOX
    with clock.at(MORNING):
        assert (await signing_in(nobody)).status_code == 303
    (mail,) = await told_of()
    assert mail.subject == "You signed in to SDES in a new browser"
    for words in ("1 July 2026, 10:30", "Firefox on Linux", "192.0.2.7", "tell Mo Sheikh", "/forgotten-password"):
        assert words in mail.text


async def test_the_same_browser_is_told_once(nobody: Browser) -> None:
    await has_signed_in_before(ASHA)
    await signing_in(nobody)
    await signing_in(again(nobody))
    assert len(await told_of()) == 1


async def test_another_browser_is_told_too(nobody: Browser, app: Litestar, settings: Settings) -> None:
    await has_signed_in_before(ASHA)
    await signing_in(nobody)
    await signing_in(Browser(app, settings))
    assert len(await told_of()) == 2


async def test_the_very_first_sign_in_is_not_told_and_its_browser_is_known(
    nobody: Browser, app: Litestar, settings: Settings
) -> None:
    await signing_in(nobody, password=await give_single_use())
    new = "a wholly different phrase 7"
    await nobody.post("/new-password", {"password": new, "password_again": new})
    await signing_in(again(nobody), password=new)
    assert await told_of() == []
    await signing_in(Browser(app, settings), password=new)
    assert len(await told_of()) == 1


async def test_two_people_at_one_browser_are_each_told_once(nobody: Browser) -> None:
    await has_signed_in_before(ASHA, BEN)
    for email in (ASHA, BEN, ASHA, BEN):
        await signing_in(again(nobody), email)
    assert (len(await told_of()), len(await told_of(BEN))) == (1, 1)


async def test_a_half_finished_sign_in_tells_and_knows_nothing(nobody: Browser) -> None:
    await has_signed_in_before(ASHA)
    await db.fetch("UPDATE person SET totp_confirmed_at = now() WHERE email_key = $1", ASHA)
    answer = await signing_in(nobody)
    assert nobody.settings.browser_cookie not in answer.headers["set-cookie"]
    assert await told_of() == []
    assert await count("known_browser") == 0


@pytest.mark.parametrize("mark", ["", "x", "a" * 44, "é" * 43, "a" * 42 + "!"])
async def test_a_cookie_that_is_none_of_ours_is_replaced(nobody: Browser, mark: str) -> None:
    await has_signed_in_before(ASHA)
    header = {"Cookie": f"sdes-form=a-form-cookie; {nobody.settings.browser_cookie}={mark}".encode()}
    nobody.client.headers.update(header)
    answer = await signing_in(nobody)
    cookie = _browser_cookie(answer.headers.get_list("set-cookie"), nobody.settings)
    assert cookie.partition("=")[2].partition(";")[0] != mark
    assert len(await told_of()) == 1


async def test_the_cookie_lasts_400_days_and_names_nobody(nobody: Browser) -> None:
    cookie = _browser_cookie((await signing_in(nobody)).headers.get_list("set-cookie"), nobody.settings)
    parts = {part.strip().lower() for part in cookie.split(";")}
    assert {"httponly", "samesite=lax", "path=/", f"max-age={400 * 24 * 3600}"} <= parts
    mark = cookie.partition("=")[2].partition(";")[0]
    rows = await db.fetch("SELECT k::text AS everything FROM known_browser k")
    assert not any(mark in row["everything"] for row in rows), "the mark itself is kept"


async def test_behind_https_the_cookie_is_bound_to_it(settings: Settings, db: None) -> None:
    secure = replace(settings, https=True)
    browser = Browser(create_app(secure, with_database=False), secure)
    cookie = _browser_cookie((await signing_in(browser)).headers.get_list("set-cookie"), secure)
    assert cookie.startswith("__Host-sdes-browser=")
    assert "secure" in cookie.lower()


def _browser_cookie(cookies: list[str], settings: Settings) -> str:
    (cookie,) = [cookie for cookie in cookies if cookie.startswith(f"{settings.browser_cookie}=")]
    return cookie


async def test_signing_in_ends_what_the_reminders_of_deletion_had_begun(nobody: Browser) -> None:
    await db.fetch("UPDATE person SET warned_from = '2026-06-01', was_last_user = true WHERE email_key = $1", ASHA)
    with clock.at(MORNING):
        await signing_in(nobody)
    person = await person_with()
    assert (person["last_sign_in_at"], person["warned_from"], person["was_last_user"]) == (MORNING, None, False)


async def test_a_wrong_password_is_no_sign_in(nobody: Browser) -> None:
    before = await person_with()
    await signing_in(nobody, password=f"{PASSWORD}!")
    assert (await person_with())["last_sign_in_at"] == before["last_sign_in_at"]
    assert await told_of() == []


async def test_marks_are_forgotten_when_their_cookies_are(nobody: Browser) -> None:
    start = clock.now()
    with clock.at(start):
        await signing_in(nobody)
    for later, left in ((KNOWN_FOR - timedelta(days=1), 1), (KNOWN_FOR + timedelta(seconds=1), 0)):
        with clock.at(start + later):
            await forget_old_sessions(Actor.system("a test"))
        assert await count("known_browser") == left


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
            " Safari/537.36",
            "Chrome on Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
            " Safari/537.36 Edg/141.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0"
            " Safari/605.1.15",
            "Safari on Mac",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " CriOS/141.0.0.0 Mobile/15E148 Safari/604.1",
            "Chrome on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko)"
            " SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        ("curl/8.9", "An unknown browser"),
        ("Something on Windows", "A browser on Windows"),
        ("", "An unknown browser"),
        ("<script>alert(1)</script>", "An unknown browser"),
    ],
)
def test_a_browser_in_words(user_agent: str, words: str) -> None:
    assert browsers.in_words(user_agent) == words


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("password", "Password"),
        ("password+totp", "Password and code"),
        ("passkey", "Passkey"),
        ("sso:Brightwatt Energy", "Sign-in of Brightwatt Energy"),
        ("by pigeon", "Another way"),
    ],
)
def test_a_way_to_sign_in_in_words(method: str, words: str) -> None:
    assert methods.in_words(method) == words
