"""Companies' own sign-ins as the provider sees them, and what becomes of sessions when one is no longer in use."""

from typing import Any

import pytest

from sdes.accounts.methods import elsewhere
from sdes.kit import db
from sdes.single_sign_on.discovery import forget
from tests.support.communications import told
from tests.support.oidc import provider_row, returning, rogue
from tests.support.people import Browser, SignIn
from tests.support.signing_in import is_signed_in

pytestmark = pytest.mark.anyio

LIST, OWN = "/sign-in-providers", "/users/sign-in-provider"
DOMAINS = ["brightwatt.example"]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget()


async def brightwatt_s(issuer: str = "https://brightwatt.example") -> int:
    return await provider_row(issuer, company="Brightwatt Energy", email_domains=DOMAINS)


async def by(browser: Browser, name: str) -> None:
    """The browser's session was begun by that sign-in."""
    session = (await browser.actor()).session_id
    await db.fetch("UPDATE session SET method = $1 WHERE id = $2", elsewhere(name, by_one=False), session)


async def row_of(provider: int) -> Any:
    return (await db.fetch("SELECT * FROM identity_provider WHERE id = $1", provider))[0]


async def test_the_provider_sees_them_and_takes_one_out_of_use(piet: Browser, nobody: Browser, asha: Browser) -> None:
    assert "No company has its own sign-in" in (await piet.get(LIST)).text
    async with rogue() as there:
        provider = await brightwatt_s(there.issuer)
        await provider_row("https://enquiry.example")
        await returning(nobody, there, provider)
        text = (await piet.get(LIST)).text
        for shown in ("Brightwatt Energy", "Brightwatt&#39;s directory", there.issuer, DOMAINS[0], "In use"):
            assert shown in text
        assert "enquiry.example" not in text
        assert await is_signed_in(nobody)
        answer = await piet.post(f"{LIST}/{provider}/disablement")
        assert answer.headers["location"] == f"{LIST}?disabled=1"
        assert "Taken out of use." in (await piet.get(f"{LIST}?disabled=1")).text
        assert (await nobody.get("/sign-in/with", params={"provider": provider})).status_code == 404
    assert not (await row_of(provider))["is_enabled"]
    assert (await is_signed_in(nobody), await is_signed_in(asha)) == (False, True), "who gave a password stays"
    (entry,) = await db.fetch("SELECT * FROM audit_entry WHERE event = 'single-sign-on.provider.disabled'")
    company = (await row_of(provider))["company"]
    assert (entry["about_company"], entry["person_name"], entry["subject"]) == (
        company,
        "Piet de Vries",
        f"company {company}",
    )
    assert company in entry["audience"]
    again = await piet.post(f"{LIST}/{provider}/disablement")
    assert (again.status_code, "is not in use any more" in again.text) == (409, True)


async def test_the_enquiry_service_s_is_not_taken_out_of_use_there(piet: Browser) -> None:
    provider = await provider_row("https://enquiry.example")
    assert (await piet.post(f"{LIST}/{provider}/disablement")).status_code == 409
    assert (await piet.post(f"{LIST}/999999/disablement")).status_code == 409
    assert (await row_of(provider))["is_enabled"]


async def test_nobody_else_opens_these_doors(asha: Browser, carys: Browser, sign_in: SignIn) -> None:
    provider = await brightwatt_s()
    for stranger in (asha, carys, await sign_in("mo@brightwatt.example")):
        assert (await stranger.get(LIST)).status_code == 403
        assert (await stranger.post(f"{LIST}/{provider}/disablement")).status_code == 403
    assert (await row_of(provider))["is_enabled"]


@pytest.mark.parametrize("how", ["removed", "disabled", "renamed", "another"])
async def test_sessions_end_with_what_began_them(
    how: str, asha: Browser, ben: Browser, cleo: Browser, sign_in: SignIn
) -> None:
    mo = await sign_in("mo@brightwatt.example")
    async with rogue() as there:
        await brightwatt_s(there.issuer)
        for browser in (asha, cleo, mo):
            await by(browser, "Brightwatt's directory")
        await by(ben, "the Electricity Enquiry Service")
        form = {
            "name": "Brightwatt's directory",
            "issuer": there.issuer,
            "client_id": "sdes",
            "client_secret": "a secret",
            "email_domains": DOMAINS[0],
            "is_enabled": "yes",
        }
        assert (await mo.post(OWN, form)).status_code == 303
        assert await is_signed_in(asha), "nothing has changed"
        changes = {"disabled": {"is_enabled": "no"}, "renamed": {"name": "Other"}, "another": {"client_id": "other"}}
        answer = await (mo.post(f"{OWN}/removal") if how == "removed" else mo.post(OWN, {**form, **changes[how]}))
        assert answer.status_code == 303, told(answer)
    assert not await is_signed_in(asha)
    assert await is_signed_in(ben), "of the enquiry service"
    assert await is_signed_in(cleo), "of another company"
    assert await is_signed_in(mo), "who did it sees what became of it"
