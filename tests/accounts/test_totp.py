"""Codes of an authenticator app as the second factor: set up, asked for after the password, each good for once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar

from sdes.accounts import totp
from sdes.accounts.actions.second_step import WRONG_CODE
from sdes.kit import clock, db
from sdes.kit.keyring import unseal
from sdes.permissions import Permission
from sdes.settings import Settings
from tests.support.communications import count, told
from tests.support.people import Browser, hidden
from tests.support.second_factors import (
    SECURITY,
    STEP,
    code_of,
    doors,
    every_door_leads_to,
    give,
    half_way,
    mails,
    offered,
    recovery_codes,
    with_app,
)
from tests.support.signing_in import ASHA, browser_with, is_signed_in, signing_in

pytestmark = pytest.mark.anyio

BEN = "ben@brightwatt.example"
MORNING = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)


def later(minutes: float = 1) -> Any:
    """A while after now, when an app shows another code."""
    return clock.at(clock.now() + timedelta(minutes=minutes))


async def test_an_app_is_set_up_by_a_code_and_kept_sealed(asha: Browser) -> None:
    secret, offer = await offered(asha)
    assert len(secret) == 32
    assert await count("person", "totp_secret IS NOT NULL") == 0
    answer = await asha.post(f"{SECURITY}/authenticator", {"offer": offer, "code": code_of(secret)})
    assert answer.status_code == 200
    assert len(set(recovery_codes(answer))) == 10
    (row,) = await db.fetch("SELECT id, totp_secret, totp_confirmed_at FROM person WHERE totp_secret IS NOT NULL")
    assert row["totp_confirmed_at"]
    assert secret.encode() not in row["totp_secret"]
    assert unseal(f"totp:{row['id']}", row["totp_secret"]) == secret.encode()
    assert await mails("second_factor_changed") == [ASHA]
    assert await count("audit_entry", "event = 'accounts.authenticator.set-up' AND about_company IS NOT NULL") == 1
    assert "Remove the app" in (await asha.get(SECURITY)).text


async def test_the_page_shows_the_secret_as_a_picture_and_in_letters(asha: Browser) -> None:
    answer = await asha.get(f"{SECURITY}/authenticator")
    assert answer.headers["cache-control"] == "no-store"
    assert "<svg" in answer.text
    address = totp.address("JBSWY3DPEHPK3PXP" * 2, "asha@brightwatt.example")
    assert (
        address == "otpauth://totp/SDES:asha%40brightwatt.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=SDES"
    )


async def test_a_wrong_code_sets_nothing_up_and_keeps_the_secret(asha: Browser) -> None:
    secret, offer = await offered(asha)
    for code in ("", "000000", "abcdef", "１２３４５６", code_of(secret) + "1", "\x00"):
        answer = await asha.post(f"{SECURITY}/authenticator", {"offer": offer, "code": code})
        assert (answer.status_code, len(told(answer))) == (422, 1)
        assert totp.in_groups(secret) in answer.text
    again = hidden(answer.text, "offer")
    assert (await asha.post(f"{SECURITY}/authenticator", {"offer": again, "code": code_of(secret)})).status_code == 200


async def test_a_secret_offered_to_somebody_else_is_refused(asha: Browser, ben: Browser) -> None:
    secret, offer = await offered(ben)
    for bad in (offer, "", "!!", "AAAA", offer[:-4] + "AAAA", "é"):
        answer = await asha.post(f"{SECURITY}/authenticator", {"offer": bad, "code": code_of(secret)})
        assert (answer.status_code, told(answer)) == (
            422,
            ["This page was too old. Scan the code again: it is a new one."],
        )
    assert await count("person", "totp_secret IS NOT NULL") == 0


async def test_setting_up_ends_the_other_sessions(asha: Browser, nobody: Browser) -> None:
    await signing_in(nobody)
    await with_app(asha)
    assert not await is_signed_in(nobody)
    assert await is_signed_in(asha)


async def test_after_the_password_a_code_opens_a_session_under_a_new_token(asha: Browser, nobody: Browser) -> None:
    secret, _ = await with_app(asha)
    with later():
        await half_way(nobody, next="/sdep/drafts")
        half = nobody.client.cookies[nobody.settings.cookie]
        text = (await nobody.get(f"{STEP}?next=/sdep/drafts")).text
        assert 'autocomplete="one-time-code"' in text
        assert 'name="next" value="/sdep/drafts"' in text
        answer = await give(nobody, code_of(secret), next="/sdep/drafts")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sdep/drafts")
        full = nobody.client.cookies[nobody.settings.cookie]
        assert full != half
        assert await is_signed_in(nobody)
        assert (await nobody.get(STEP)).status_code == 403
    rows = await db.fetch("SELECT method, stage, ended_at IS NULL AS open FROM session ORDER BY id DESC LIMIT 2")
    assert [tuple(row) for row in rows] == [("password+totp", "full", True), ("password", "second-factor", False)]
    assert await count("audit_entry", "event = 'accounts.session.started' AND detail LIKE '%password+totp'") == 1


async def test_a_code_counts_once(asha: Browser, nobody: Browser) -> None:
    secret, _ = await with_app(asha)
    first = code_of(secret)  # used when the app was set up
    await half_way(nobody)
    assert (await give(nobody, first)).status_code == 422
    with later():
        code = code_of(secret)
        assert (await give(nobody, code)).status_code == 303
        await half_way(nobody)
        answer = await give(nobody, code)
        assert (answer.status_code, told(answer)) == (422, [WRONG_CODE])
        assert not await is_signed_in(nobody)


async def test_a_code_older_than_one_that_was_used_is_refused(asha: Browser, nobody: Browser) -> None:
    secret, _ = await with_app(asha)
    with later():
        await half_way(nobody)
        assert (await give(nobody, code_of(secret, 1))).status_code == 303
        await half_way(nobody)
        assert (await give(nobody, code_of(secret))).status_code == 422


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
async def test_clocks_may_differ_by_half_a_minute(asha: Browser, nobody: Browser, steps: int, status: int) -> None:
    with clock.at(MORNING - timedelta(minutes=10)):
        secret, _ = await with_app(asha)
    with clock.at(MORNING):
        await half_way(nobody)
        assert (await give(nobody, code_of(secret, steps))).status_code == status


def test_a_code_may_be_typed_with_blanks() -> None:
    secret = totp.new_secret()
    with clock.at(MORNING):
        code = code_of(secret)
        assert totp.step_of(secret, f" {code[:3]} {code[3:]} ", clock.now()) == int(MORNING.timestamp()) // 30
        assert totp.step_of(secret, code[:5], clock.now()) is None


@pytest.mark.spec("SD 8.1")
async def test_five_wrong_codes_close_the_door_for_a_while(asha: Browser, nobody: Browser) -> None:
    with clock.at(MORNING):
        secret, _ = await with_app(asha)
    with clock.at(MORNING + timedelta(minutes=5)):
        await half_way(nobody)
        for _ in range(5):
            assert (await give(nobody, "000000")).status_code == 422
        answer = await give(nobody, code_of(secret))
        sentence = "There were too many wrong codes. Try again at 10:50, or ask your Master Admin User for help."
        assert (answer.status_code, told(answer)) == (429, [sentence])
        await half_way(nobody)  # a new half of a sign-in has no more tries
        assert (await give(nobody, code_of(secret))).status_code == 429
        refused = "event = 'accounts.second-factor.refused' AND detail = 'Asha Rahman: wrong totp, from 192.0.2.7'"
        assert await count("audit_entry", refused) == 5
        assert await count("audit_entry", "event = 'accounts.account.locked' AND detail LIKE '%wrong codes%'") == 1
    with clock.at(MORNING + timedelta(minutes=20)):
        await half_way(nobody)
        assert (await give(nobody, code_of(secret))).status_code == 303


async def test_one_persons_code_is_no_use_to_another(asha: Browser, ben: Browser, nobody: Browser) -> None:
    secret, _ = await with_app(asha)
    await with_app(ben)
    with later():
        await half_way(nobody, BEN)
        assert (await give(nobody, code_of(secret))).status_code == 422
        assert not await is_signed_in(nobody)


@pytest.mark.spec("SD 8.1")
async def test_half_a_sign_in_opens_no_other_door(app: Litestar, asha: Browser, nobody: Browser) -> None:
    await with_app(asha)
    await half_way(nobody)
    await every_door_leads_to(STEP, nobody, doors(app, Permission.ACCOUNT_SECOND_FACTOR))
    assert (await nobody.get("/")).headers["location"] == STEP
    text = (await nobody.get(STEP)).text
    assert "data-csrf" not in text, "other tabs would take this for a finished sign-in"


async def test_a_finished_sign_in_has_nothing_to_give(asha: Browser, nobody: Browser) -> None:
    for browser, status in ((asha, 403), (nobody, 303)):
        assert (await browser.get(STEP)).status_code == status
        assert (await browser.post(STEP, {"code": "123456"})).status_code == status
        assert (await browser.post(f"{STEP}/challenge")).status_code == status


async def test_half_a_sign_in_ends_after_ten_minutes(asha: Browser, nobody: Browser) -> None:
    with clock.at(MORNING):
        secret, _ = await with_app(asha)
        await half_way(nobody)
    with clock.at(MORNING + timedelta(minutes=9, seconds=59)):
        assert (await nobody.get(STEP)).status_code == 200
    with clock.at(MORNING + timedelta(minutes=10, seconds=1)):
        answer = await give(nobody, code_of(secret))
        assert answer.headers["location"].startswith("/sign-in?why=ended")
        assert not await is_signed_in(nobody)


async def test_half_a_sign_in_can_be_given_up(
    app: Litestar, settings: Settings, asha: Browser, nobody: Browser
) -> None:
    await with_app(asha)
    await half_way(nobody)
    copied = nobody.client.cookies[settings.cookie]
    assert (await nobody.post("/sign-out")).status_code == 303
    assert (await browser_with(app, settings, copied).get(STEP)).headers["location"].startswith("/sign-in?")


async def test_what_is_missing_is_said(asha: Browser, nobody: Browser) -> None:
    await with_app(asha)
    await half_way(nobody)
    assert told(await give(nobody, " ")) == ["Enter the code that your app shows"]
    assert told(await give(nobody, "", "recovery")) == ["Enter one of your recovery codes"]
    assert await count("sign_in_attempt") == 0


@pytest.mark.parametrize("asked", ["//evil.example", "https://evil.example/", "/\\evil.example", "evil.example"])
async def test_the_second_step_leads_to_this_site_only(asha: Browser, nobody: Browser, asked: str) -> None:
    secret, _ = await with_app(asha)
    with later():
        await half_way(nobody)
        assert "evil" not in (await nobody.get(STEP, params={"next": asked})).text
        assert (await give(nobody, code_of(secret), next=asked)).headers["location"] == "/"


async def test_another_app_replaces_the_first(asha: Browser, nobody: Browser) -> None:
    old, codes = await with_app(asha)
    new, none = await with_app(asha)
    assert (len(codes), none) == (10, [])
    with later():
        await half_way(nobody)
        assert (await give(nobody, code_of(old))).status_code == 422
        assert (await give(nobody, code_of(new))).status_code == 303


async def test_without_the_app_the_password_is_enough_again(asha: Browser, nobody: Browser) -> None:
    await with_app(asha)
    answer = await asha.post(f"{SECURITY}/authenticator/removal")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{SECURITY}?done=removed")
    assert await count("recovery_code") == 0
    assert await count("person", "totp_secret IS NOT NULL OR totp_confirmed_at IS NOT NULL") == 0
    assert await mails("second_factor_changed") == [ASHA, ASHA]
    assert (await signing_in(nobody)).headers["location"] == "/"
    assert (await asha.post(f"{SECURITY}/authenticator/removal")).status_code == 404
