"""Helping people in: new single-use passwords, lost second factors, addresses to confirm, and factors for all."""

import re
from typing import Any

import pytest

from sdes.kit import clock, db
from tests.support.administration import ASHA, BEN, MO, events, id_of, page_text, person_row, rename
from tests.support.communications import told
from tests.support.mails import mails_to
from tests.support.people import Browser, SignIn
from tests.support.signing_in import is_signed_in, signing_in

pytestmark = pytest.mark.anyio


@pytest.mark.spec("SD 2.3")
@pytest.mark.spec("SD 2.6")
async def test_a_password_is_reset(mo: Browser, ben: Browser, nobody: Browser) -> None:
    path = f"/users/{await id_of(BEN)}"
    assert (await mo.post(f"{path}/password-reset")).headers["location"] == f"{path}?done=1"
    assert not await is_signed_in(ben)
    (mail,) = await mails_to(BEN, "single_use_password")
    assert "Mo Sheikh has reset your password" in mail.text
    password = re.search(r"^    (\S+)$", mail.text, re.MULTILINE)
    assert password
    assert (await signing_in(nobody, BEN)).status_code == 422, "the old one is worth nothing"
    assert (await signing_in(nobody, BEN, password[1])).status_code == 303
    assert "administration.person.password-reset" in await events(BEN)
    assert password[1] not in str(await db.fetch("SELECT detail FROM audit_entry"))


async def test_every_reset_makes_the_password_before_it_worthless(mo: Browser, nobody: Browser) -> None:
    for _ in range(2):
        await mo.post(f"/users/{await id_of(BEN)}/password-reset")
    first, second = [re.search(r"^    (\S+)$", one.text, re.MULTILINE) for one in await mails_to(BEN)]
    assert first
    assert second
    assert (await signing_in(nobody, BEN, first[1])).status_code == 422
    assert (await signing_in(nobody, BEN, second[1])).status_code == 303


async def test_a_second_factor_is_taken_away(mo: Browser, ben: Browser) -> None:
    await rename(BEN, totp_secret=b"sealed", totp_confirmed_at=clock.now())
    path = f"/users/{await id_of(BEN)}"
    assert "Remove the second factor" in (await mo.get(path)).text
    assert (await mo.post(f"{path}/second-factor-reset")).status_code == 303
    row = await person_row(BEN)
    assert (row["totp_secret"], row["totp_confirmed_at"]) == (None, None)
    assert not await is_signed_in(ben)
    (mail,) = await mails_to(BEN)
    assert "Mo Sheikh has removed the authenticator app" in mail.text
    assert "\nIf you did not expect this, tell Mo Sheikh at once." in mail.text
    page = await mo.get(f"{path}?done=1")
    assert "The second factor of Ben Carter was removed." in page_text(page)
    assert "Ben Carter has not set up a second factor." in page_text(page)
    assert (await mo.post(f"{path}/second-factor-reset")).status_code == 409


async def test_nobody_takes_their_own_second_factor_away_here(mo: Browser) -> None:
    await rename(MO, totp_secret=b"sealed", totp_confirmed_at=clock.now())
    answer = await mo.post(f"/users/{await id_of(MO)}/second-factor-reset")
    assert (answer.status_code, (await person_row(MO))["totp_secret"]) == (409, b"sealed")


@pytest.mark.spec("SD 11.1(f)")
async def test_the_link_to_confirm_an_address_is_sent_again(mo: Browser) -> None:
    path = f"/users/{await id_of(BEN)}"
    assert "Send a link to confirm" not in (await mo.get(path)).text
    assert (await mo.post(f"{path}/verification")).status_code == 409, "it is confirmed already"
    await rename(BEN, email_verified_at=None)
    assert "Not confirmed yet" in (await mo.get(path)).text
    assert (await mo.post(f"{path}/verification")).status_code == 303
    assert [mail.kind for mail in await mails_to(BEN)] == ["verify_address"]
    assert "A link to confirm the address was sent to ben@brightwatt.example." in page_text(
        await mo.get(f"{path}?done=1")
    )
    await rename(BEN, is_proxy_address=True)
    answer = await mo.post(f"{path}/verification")
    assert answer.status_code == 409
    assert told(answer)[0].startswith("No notifications are sent to a proxy address")


async def test_a_second_factor_is_asked_of_everybody(mo: Browser, asha: Browser) -> None:
    await rename(MO, totp_secret=b"sealed", totp_confirmed_at=clock.now())
    page = page_text(await mo.get("/users/settings"))
    assert re.search(r"(\d+) of (\d+) active people have not set one up\. If you ask for it", page)
    answer = await mo.post("/users/settings", {"requires_second_factor": "on"})
    assert answer.headers["location"] == "/users/settings?saved=1"
    assert "has to give a second factor now" in page_text(await mo.get("/users/settings?saved=1"))
    assert (await asha.get("/status")).headers["location"] == "/account/security?next=%2Fstatus"
    assert (await mo.get("/users")).status_code == 200, "who has set one up goes on"
    assert await _company_events() == ["administration.second-factor.required"]
    await mo.post("/users/settings", {"requires_second_factor": "on"})
    await mo.post("/users/settings", {})
    assert await is_signed_in(asha)
    assert await _company_events() == [
        "administration.second-factor.left-optional",
        "administration.second-factor.required",
    ]


async def test_a_company_decides_for_itself_alone(mo: Browser, otto: Browser) -> None:
    await mo.post("/users/settings", {"requires_second_factor": "on"})
    assert await is_signed_in(otto)


@pytest.mark.parametrize("email", [ASHA, BEN])
async def test_settings_are_the_mau_s_alone(sign_in: SignIn, email: str) -> None:
    await rename(BEN, functions=["user-administration"])
    browser = await sign_in(email)
    assert (await browser.get("/users/settings")).status_code == 403
    assert (await browser.post("/users/settings", {"requires_second_factor": "on"})).status_code == 403


async def _company_events() -> list[Any]:
    rows = await db.fetch(
        "SELECT event FROM audit_entry WHERE event LIKE 'administration.second-factor.%' ORDER BY id DESC"
    )
    return [row["event"] for row in rows]
