"""Wrong passwords are counted, by account and by address, and too many close the door for a while (SD 8.1)."""

from datetime import UTC, datetime, timedelta

import pytest

from sdes.accounts import rate_limits
from sdes.kit import clock, db
from tests.support.communications import count, told
from tests.support.people import Browser
from tests.support.signing_in import ASHA, signing_in

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 8.1")]

MORNING = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
LATER = "There were too many wrong passwords. Try again at {}, or choose a new one through Forgotten password."


async def fail(browser: Browser, times: int, email: str = ASHA, address: str = "") -> None:
    for _ in range(times):
        assert (await signing_in(browser, email, "wrong", address)).status_code == 422


@pytest.mark.parametrize("email", [ASHA, "no-such-person@brightwatt.example"])
async def test_after_five_wrong_passwords_the_account_waits(nobody: Browser, email: str) -> None:
    with clock.at(MORNING):
        await fail(nobody, 5, email)
        answer = await signing_in(nobody, email)
        assert (answer.status_code, told(answer)) == (429, [LATER.format("10:45")])
        assert f'value="{email}"' in answer.text
        elsewhere = await signing_in(nobody, email.upper(), address="192.0.2.8")
        assert elsewhere.status_code == 429


async def test_it_opens_again_when_it_said(nobody: Browser) -> None:
    with clock.at(MORNING):
        await fail(nobody, 5)
    with clock.at(MORNING + rate_limits.WINDOW - timedelta(seconds=1)):
        assert (await signing_in(nobody)).status_code == 429
    with clock.at(MORNING + rate_limits.WINDOW):
        assert (await signing_in(nobody)).status_code == 303


async def test_four_are_forgiven_and_a_right_one_wipes_the_slate(nobody: Browser) -> None:
    await fail(nobody, 4)
    assert (await signing_in(nobody)).status_code == 303
    nobody.client.cookies.delete(nobody.settings.cookie)
    await fail(nobody, 4)
    assert (await signing_in(nobody)).status_code == 303


async def test_a_stranger_does_not_lock_the_owner_out_of_their_own_browser(nobody: Browser, otto: Browser) -> None:
    with clock.at(MORNING):
        assert (await signing_in(otto)).status_code == 303
        otto.client.cookies.delete(otto.settings.cookie)
        await fail(nobody, 5)
        assert (await signing_in(nobody)).status_code == 429
        assert (await signing_in(otto, "ben@brightwatt.example", "wrong")).status_code == 422
        await fail(otto, 5)
        assert (await signing_in(otto)).status_code == 429, "it has a count of its own, and no more"
    with clock.at(MORNING + rate_limits.WINDOW):
        assert (await signing_in(otto)).status_code == 303


async def test_a_browser_is_known_for_whom_it_signed_in_alone(nobody: Browser, otto: Browser) -> None:
    assert (await signing_in(otto, "ben@brightwatt.example")).status_code == 303
    otto.client.cookies.delete(otto.settings.cookie)
    await fail(nobody, 5)
    assert (await signing_in(otto)).status_code == 429


async def test_a_new_password_is_taken_at_once_in_whatever_browser(otto: Browser) -> None:
    assert (await signing_in(otto)).status_code == 303
    otto.client.cookies.delete(otto.settings.cookie)
    await fail(otto, 5)
    await rate_limits.forgive(ASHA)
    assert (await signing_in(otto)).status_code == 303


async def test_one_persons_mistakes_are_not_anothers(nobody: Browser) -> None:
    await fail(nobody, 5)
    assert (await signing_in(nobody, "ben@brightwatt.example")).status_code == 303


async def test_an_address_that_tries_many_accounts_waits(nobody: Browser) -> None:
    with clock.at(MORNING):
        for n in range(rate_limits.PER_ADDRESS):
            await rate_limits.begin_attempt(f"guess-{n}@brightwatt.example", "192.0.2.66")
        answer = await signing_in(nobody, address="192.0.2.66")
        assert (answer.status_code, told(answer)) == (429, [LATER.format("10:45")])
        assert (await signing_in(nobody, address="192.0.2.67")).status_code == 303


async def test_a_right_password_does_not_clear_the_address(nobody: Browser) -> None:
    for n in range(rate_limits.PER_ADDRESS - 1):
        await rate_limits.begin_attempt(f"guess-{n}@brightwatt.example", "192.0.2.66")
    assert (await signing_in(nobody, address="192.0.2.66")).status_code == 303
    nobody.client.cookies.delete(nobody.settings.cookie)
    await fail(nobody, 1, "ben@brightwatt.example", "192.0.2.66")
    assert (await signing_in(nobody, "cleo@calder.example", address="192.0.2.66")).status_code == 429


async def test_waiting_is_not_counted_as_another_mistake(nobody: Browser) -> None:
    with clock.at(MORNING):
        await fail(nobody, 5)
        before = await count("sign_in_attempt")
        await signing_in(nobody)
        assert await count("sign_in_attempt") == before


async def test_the_counters_name_nobody_and_old_ones_go(nobody: Browser) -> None:
    with clock.at(MORNING):
        await fail(nobody, 1)
    with clock.at(MORNING + timedelta(minutes=61)):
        await fail(nobody, 1)
    rows = await db.fetch("SELECT key FROM sign_in_attempt")
    assert len(rows) == 2
    assert not any("asha" in row["key"] or "192.0.2" in row["key"] for row in rows)
