"""Verified addresses: notifications go only to an address whose owner has said that it is theirs (SD 11.1(f))."""

from datetime import timedelta

import pytest

from sdes.accounts import rate_limits
from sdes.accounts.actions.links import send_verification, tell_former_address, void_links
from sdes.accounts.actions.upkeep import forget_old_sessions
from sdes.actor import Actor
from sdes.kit import clock, db
from tests.support.communications import count, told
from tests.support.mails import mails_to
from tests.support.people import Browser
from tests.support.signing_in import ASHA, person_with, unverify

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(f)")]

OVER = "Each link works once, for a limited time, and only while it is the newest. Nothing was changed."


async def link_for(browser: Browser) -> str:
    """Has the link sent to the browser's person, and gives its path."""
    answer = await browser.post("/account/address/verification")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/address?sent=1")
    return (await mails_to(ASHA, "verify_address"))[-1].path


async def is_verified() -> bool:
    return bool((await person_with())["email_verified_at"])


async def test_a_link_is_asked_for_and_its_page_verifies_the_address(asha: Browser, nobody: Browser) -> None:
    await unverify()
    assert "Not verified yet" in (await asha.get("/account/address")).text
    path = await link_for(asha)
    assert "We have sent a link" in (await asha.get("/account/address?sent=1")).text
    answer = await nobody.post(path)
    assert (answer.status_code, await is_verified()) == (200, True)
    assert "Your e-mail address is verified" in answer.text
    text = (await asha.get("/account/address")).text
    assert "Verified" in text
    assert "Send me the link" not in text
    assert await count("audit_entry", "event = 'accounts.address.verified' AND person_name = 'Asha Rahman'") == 1


async def test_programs_that_follow_links_verify_nothing(asha: Browser, nobody: Browser) -> None:
    await unverify()
    path = await link_for(asha)
    for _ in range(3):
        page = await nobody.get(path)
        assert page.status_code == 200
        assert "This is my address" in page.text
        assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")
        assert (await nobody.client.head(path)).status_code in (200, 405)
    assert not await is_verified()
    assert (await nobody.post(path, {"csrf_token": "wrong"})).status_code == 403
    assert not await is_verified()


async def test_a_link_works_once_for_a_week_and_only_the_newest(asha: Browser, nobody: Browser) -> None:
    start = clock.now()
    await unverify()
    with clock.at(start):
        first = await link_for(asha)
        second = await link_for(asha)
    assert (await nobody.post(first)).status_code == 404
    with clock.at(start + timedelta(days=7)):
        assert (await nobody.get(second)).status_code == (await nobody.post(second)).status_code == 404
    assert not await is_verified()
    with clock.at(start + timedelta(days=6)):
        assert (await nobody.post(second)).status_code == 200
        again = await nobody.post(second)
        assert (again.status_code, told(again)) == (404, [OVER])


@pytest.mark.parametrize(
    "change",
    ["email = 'new@brightwatt.example', email_key = 'new@brightwatt.example'", "state = 'suspended'"],
)
async def test_a_link_to_an_address_of_before_verifies_nothing(asha: Browser, nobody: Browser, change: str) -> None:
    await unverify()
    path = await link_for(asha)
    person = (await person_with())["id"]
    await db.fetch(f"UPDATE person SET {change} WHERE id = $1", person)
    assert (await nobody.post(path)).status_code == 404
    rows = await db.fetch("SELECT email_verified_at FROM person WHERE id = $1", person)
    assert rows[0]["email_verified_at"] is None


async def test_voided_links_are_worthless(asha: Browser, nobody: Browser) -> None:
    await unverify()
    path = await link_for(asha)
    await void_links((await person_with())["id"])
    assert (await nobody.get(path)).status_code == 404


async def test_a_reset_link_verifies_nothing_here(asha: Browser, nobody: Browser) -> None:
    await unverify()
    await nobody.post("/forgotten-password", {"email": ASHA})
    token = (await mails_to(ASHA, "password_reset"))[0].path.rpartition("/")[2]
    assert (await nobody.post(f"/verify-address/{token}")).status_code == 404
    assert not await is_verified()


async def test_whose_link_it_is_matters_and_not_who_is_signed_in(asha: Browser, otto: Browser) -> None:
    await unverify()
    await unverify("otto@clearvolt.example")
    assert (await otto.post(await link_for(asha))).status_code == 200
    assert await is_verified()
    assert (await person_with("otto@clearvolt.example"))["email_verified_at"] is None
    assert await count("audit_entry", "event = 'accounts.address.verified' AND company_name = 'Brightwatt Energy'") == 1


async def test_an_address_that_is_verified_or_no_mailbox_gets_no_link(asha: Browser) -> None:
    answer = await asha.post("/account/address/verification")
    assert (answer.status_code, told(answer)) == (409, ["Your e-mail address is verified already."])
    await db.fetch("UPDATE person SET email_verified_at = NULL, is_proxy_address = true WHERE email_key = $1", ASHA)
    answer = await asha.post("/account/address/verification")
    assert answer.status_code == 409
    assert "Shared, or no mailbox" in (await asha.get("/account/address")).text
    assert await mails_to(ASHA) == []


async def test_too_many_mails_in_an_hour_are_refused_with_a_sentence(asha: Browser) -> None:
    await unverify()
    start = clock.now()
    with clock.at(start):
        for _ in range(rate_limits.MAILS_PER_ACCOUNT):
            await link_for(asha)
        answer = await asha.post("/account/address/verification")
        assert (answer.status_code, "several mails within an hour" in told(answer)[0]) == (429, True)
    assert len(await mails_to(ASHA)) == rate_limits.MAILS_PER_ACCOUNT


async def test_the_address_is_its_owners_to_see(nobody: Browser, ben: Browser) -> None:
    assert (await nobody.get("/account/address")).headers["location"].startswith("/sign-in?")
    assert ASHA not in (await ben.get("/account/address")).text


async def test_the_mail_says_what_to_do_and_old_links_are_forgotten(asha: Browser) -> None:
    start = clock.now()
    with clock.at(start):
        await send_verification((await person_with())["id"])
    (mail,) = await mails_to(ASHA)
    assert mail.subject == "Is this your e-mail address for SDES?"
    assert "/verify-address/" in mail.path
    for days, left in ((13, 1), (15, 0)):
        with clock.at(start + timedelta(days=days)):
            await forget_old_sessions(Actor.system("a test"))
        assert await count("account_link") == left


async def test_the_former_address_is_told_of_a_change_and_not_of_the_new_one(nobody: Browser) -> None:
    before = dict(await person_with())
    await _change_to("new@brightwatt.example")
    await tell_former_address(before, "Mo Sheikh")
    (mail,) = await mails_to(ASHA, "address_changed")
    assert mail.subject == "Your e-mail address for SDES was changed"
    assert "Mo Sheikh has changed the e-mail address of your account" in mail.text
    assert "If you did not expect it, tell Mo Sheikh." in mail.text
    assert "new@" not in mail.text
    assert not await mails_to("new@brightwatt.example")


async def _change_to(email: str) -> None:
    await db.fetch("UPDATE person SET email = $1, email_key = $1 WHERE email_key = $2", email, ASHA)
