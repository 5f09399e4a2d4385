"""A company that asks everybody for a second factor: nobody works without one, and the last is not taken away."""

import pytest
from litestar import Litestar

from sdes.accounts.actions.second_factor import LAST_ONE, reset
from sdes.accounts.sessions import act_for
from sdes.kit import db
from sdes.kit.errors import NotFound
from sdes.permissions import Permission
from tests.support.authenticators import Authenticator
from tests.support.communications import count
from tests.support.people import Browser
from tests.support.second_factors import SECURITY, doors, every_door_leads_to, mails, with_app, with_passkey
from tests.support.signing_in import ASHA, is_signed_in, signing_in

pytestmark = pytest.mark.anyio


@pytest.fixture
async def required(db: None) -> None:
    await _fetch("UPDATE company SET requires_second_factor = true WHERE name = 'Brightwatt Energy'")


_fetch = db.fetch


async def test_the_password_opens_nothing_but_setting_one_up(app: Litestar, nobody: Browser, required: None) -> None:
    assert (await signing_in(nobody)).status_code == 303
    assert (await nobody.get("/")).headers["location"] == SECURITY
    await every_door_leads_to(SECURITY, nobody, doors(app, Permission.ACCOUNT_ENROL))
    text = (await nobody.get(SECURITY)).text
    assert "Brightwatt Energy asks everybody to sign in with a second factor" in text
    assert "/account/password" not in text


@pytest.mark.parametrize("set_up", [with_app, with_passkey])
async def test_once_it_is_set_up_every_door_opens(nobody: Browser, required: None, set_up: object) -> None:
    await signing_in(nobody)
    assert not await is_signed_in(nobody)
    await set_up(nobody)  # type: ignore[operator]
    assert await is_signed_in(nobody)
    assert "asks everybody to sign in" not in (await nobody.get(SECURITY)).text


async def test_another_who_knew_the_password_gains_nothing_by_it(
    nobody: Browser, sign_in: object, required: None
) -> None:
    owner = await sign_in(ASHA)  # type: ignore[operator]
    await signing_in(nobody)
    await with_app(owner)
    assert await is_signed_in(owner)
    assert not await is_signed_in(nobody)
    assert (await nobody.get(SECURITY)).status_code == 303


async def test_who_signed_in_elsewhere_gave_it_there(asha: Browser, required: None) -> None:
    assert not await is_signed_in(asha)
    await db.fetch("UPDATE session SET method = 'sso:Brightwatt'")
    assert await is_signed_in(asha)


async def test_other_companies_are_not_asked(cleo: Browser, required: None) -> None:
    assert await is_signed_in(cleo)


async def test_the_last_one_stays(asha: Browser, required: None) -> None:
    await with_app(asha)
    answer = await asha.post(f"{SECURITY}/authenticator/removal")
    assert answer.status_code == 409
    assert LAST_ONE in answer.text
    assert "Remove the app" not in (await asha.get(SECURITY)).text
    await with_passkey(asha)
    (key,) = await db.fetch("SELECT id FROM passkey")
    assert (await asha.post(f"{SECURITY}/authenticator/removal")).status_code == 303
    answer = await asha.post(f"{SECURITY}/passkeys/{key['id']}/removal")
    assert answer.status_code == 409
    assert "Remove this passkey" not in (await asha.get(SECURITY)).text
    await with_passkey(asha, Authenticator(credential_id=b"a second device"))
    assert (await asha.post(f"{SECURITY}/passkeys/{key['id']}/removal")).status_code == 303
    assert await count("passkey") == 1


async def test_a_lost_factor_is_reset_and_set_up_anew(asha: Browser, ben: Browser, required: None) -> None:
    await with_app(asha)
    await with_passkey(asha)
    person = await db.fetch("SELECT id, company FROM person WHERE email_key = $1", ASHA)
    actor = await ben.actor()
    await reset(actor, person[0]["id"])
    await act_for(None)
    assert await count("passkey") == await count("recovery_code") == 0
    assert await count("person", "totp_secret IS NOT NULL OR totp_confirmed_at IS NOT NULL") == 0
    assert (await asha.get(SECURITY)).headers["location"].startswith("/sign-in"), "her sessions go on"
    assert (await mails("second_factor_changed"))[-1] == ASHA
    (entry,) = await db.fetch("SELECT * FROM audit_entry WHERE event = 'accounts.second-factor.reset'")
    assert (entry["subject"], entry["person_name"]) == (f"person {person[0]['id']}", "Ben Carter")
    assert entry["about_company"] == person[0]["company"]
    await signing_in(asha)
    assert (await asha.get("/")).headers["location"] == SECURITY


async def test_a_person_of_another_company_cannot_be_reset(asha: Browser, cleo: Browser) -> None:
    await with_app(asha)
    person = (await db.fetch("SELECT id FROM person WHERE email_key = $1", ASHA))[0]["id"]
    actor = await cleo.actor()  # as the owner of the tables: the second lock is proven elsewhere
    with pytest.raises(NotFound):
        await reset(actor, person)
    assert await count("person", "totp_secret IS NOT NULL") == 1
