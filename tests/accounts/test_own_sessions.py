"""Where one is signed in: everybody sees their own sessions and can end them from another one."""

from datetime import datetime, timedelta

import pytest
from litestar import Litestar

from sdes.kit import clock, db
from sdes.settings import Settings
from tests.support.communications import count
from tests.support.people import Browser
from tests.support.signing_in import ASHA, is_signed_in, signing_in

pytestmark = pytest.mark.anyio

MORNING = datetime.fromisoformat("2026-07-01T09:30+00:00")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"


async def session_ids(email: str = ASHA) -> list[int]:
    rows = await db.fetch(
        "SELECT s.id FROM session s JOIN person p ON p.id = s.person WHERE p.email_key = $1 ORDER BY s.id", email
    )
    return [row["id"] for row in rows]


async def test_the_page_shows_when_where_and_how(nobody: Browser) -> None:
    nobody.client.headers["User-Agent"] = FIREFOX
    with clock.at(MORNING):
        await signing_in(nobody, address="192.0.2.44")
    with clock.at(MORNING + timedelta(minutes=5)):
        await nobody.get("/status")
    with clock.at(MORNING + timedelta(minutes=6)):
        text = (await nobody.get("/account/sessions")).text
    for words in ("Firefox on Linux", "192.0.2.44", "10:30", "Password", "This browser"):
        assert words in text
    assert "/closure" not in text, "there is nothing else to sign out"


async def test_one_session_is_ended_and_the_others_stay(
    nobody: Browser, asha: Browser, app: Litestar, settings: Settings
) -> None:
    third = Browser(app, settings)
    await signing_in(nobody)
    await signing_in(third)
    first, second, _ = await session_ids()
    page = (await asha.get("/account/sessions")).text
    assert page.count("This browser") == 1
    assert f"/account/sessions/{second}/closure" in page
    assert f"/account/sessions/{first}/closure" not in page
    answer = await asha.post(f"/account/sessions/{second}/closure")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/sessions")
    assert not await is_signed_in(nobody)
    assert await is_signed_in(asha)
    assert await is_signed_in(third)
    assert f"/account/sessions/{second}/closure" not in (await asha.get("/account/sessions")).text
    assert await count("audit_entry", "detail = 'Asha Rahman: signed out another browser'") == 1


async def test_all_others_are_ended_at_once(nobody: Browser, asha: Browser, ben: Browser) -> None:
    await signing_in(nobody)
    assert (await asha.post("/account/other-sessions/closure")).status_code == 303
    assert not await is_signed_in(nobody)
    assert await is_signed_in(asha)
    assert await is_signed_in(ben)


async def test_an_ended_session_can_be_ended_again(nobody: Browser, asha: Browser) -> None:
    await signing_in(nobody)
    _, second = await session_ids()
    for _ in range(2):
        assert (await asha.post(f"/account/sessions/{second}/closure")).status_code == 303


async def test_nobody_sees_or_ends_another_persons_session(asha: Browser, ben: Browser, otto: Browser) -> None:
    (hers,) = await session_ids()
    for stranger in (ben, otto):
        assert f"/account/sessions/{hers}/" not in (await stranger.get("/account/sessions")).text
        assert (await stranger.post(f"/account/sessions/{hers}/closure")).status_code == 404
    assert await is_signed_in(asha)
    assert (await ben.post("/account/other-sessions/closure")).status_code == 303
    assert await is_signed_in(asha)


@pytest.mark.parametrize("session_id", ["0", "-1", "99999999999999999999", "x"])
async def test_a_session_that_is_none_is_not_found(asha: Browser, session_id: str) -> None:
    assert (await asha.post(f"/account/sessions/{session_id}/closure")).status_code == 404


async def test_sessions_that_open_no_door_are_not_shown(nobody: Browser, asha: Browser) -> None:
    await signing_in(nobody)
    _, second = await session_ids()
    link = f"/account/sessions/{second}/closure"
    for change, back in (
        ("expires_at = now() - interval '1 second'", "expires_at = now() + interval '1 hour'"),
        ("last_seen_at = now() - interval '31 minutes'", "last_seen_at = now()"),
        ("stage = 'second-factor'", "stage = 'full'"),
        ("ended_at = now()", "ended_at = NULL"),
    ):
        await db.fetch(f"UPDATE session SET {change} WHERE id = $1", second)
        assert link not in (await asha.get("/account/sessions")).text, change
        await db.fetch(f"UPDATE session SET {back} WHERE id = $1", second)
        assert link in (await asha.get("/account/sessions")).text, back


async def test_strangers_and_forged_forms_end_nothing(nobody: Browser, asha: Browser) -> None:
    (hers,) = await session_ids()
    for path in (f"/account/sessions/{hers}/closure", "/account/other-sessions/closure"):
        assert (await nobody.post(path)).headers["location"] == "/sign-in"
        assert (await asha.post(path, {"csrf_token": "wrong"})).status_code == 403
    assert (await nobody.get("/account/sessions")).headers["location"].startswith("/sign-in?")
    assert await is_signed_in(asha)
