"""Setting up where people sign in instead: a MAU for its company, the provider for everybody."""

from typing import Any

import asyncpg
import pytest

from sdes.kit import db
from sdes.single_sign_on.actions.providers import unsealed
from sdes.single_sign_on.discovery import forget
from tests.support.communications import told
from tests.support.oidc import provider_row, rogue
from tests.support.people import Browser, SignIn
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

OWN, ENQUIRY = "/users/sign-in-provider", "/sign-in-provider"


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget()


@pytest.fixture
async def mo(sign_in: SignIn) -> Browser:
    """Whose company has people with verified addresses at two domains."""
    for name, domain in (("asha", "brightwatt.example"), ("ben", "brightwatt.co.uk")):
        await db.fetch(
            "UPDATE person SET email_key = $1, email_verified_at = now() WHERE email_key = $2",
            f"{name}@{domain}",
            f"{name}@brightwatt.example",
        )
    return await sign_in("mo@brightwatt.example")


def filled(issuer: str, **changes: str) -> dict[str, Any]:
    return {
        "name": "Brightwatt",
        "issuer": issuer,
        "client_id": "sdes",
        "client_secret": "a secret",
        "email_domains": "brightwatt.example, @Brightwatt.co.uk",
        "is_enabled": "yes",
        **changes,
    }


async def test_a_mau_sets_up_the_company_s_own(mo: Browser) -> None:
    async with rogue() as there:
        answer = await mo.post(OWN, filled(there.issuer))
        assert answer.headers["location"] == f"{OWN}?saved=1", told(answer)
        (row,) = await db.fetch("SELECT * FROM identity_provider")
        assert row["company"] == (await mo.actor()).company_id
        assert row["email_domains"] == ["brightwatt.example", "brightwatt.co.uk"]
        assert (row["is_enquiry_service"], row["is_enabled"]) == (False, True)
        assert unsealed(row["client_secret"]) == "a secret"
        assert b"a secret" not in bytes(row["client_secret"])
        page = await mo.get(OWN)
        assert "http://localhost:8000/sign-in/returned" in page.text
        assert "a secret" not in page.text
        changed = filled(
            there.issuer, client_secret="", name="Other", is_enabled="no", email_domains="brightwatt.co.uk"
        )
        assert (await mo.post(OWN, changed)).status_code == 303
        (row,) = await db.fetch("SELECT * FROM identity_provider")
        assert (row["name"], row["is_enabled"], unsealed(row["client_secret"])) == ("Other", False, "a secret")
    entry, _ = await db.fetch("SELECT * FROM audit_entry WHERE event = 'single-sign-on.provider.saved' ORDER BY id")
    assert (entry["about_company"], "a secret" in entry["detail"]) == (row["company"], False)
    assert (await mo.post(f"{OWN}/removal")).status_code == 303
    assert not await db.fetch("SELECT 1 FROM identity_provider")
    assert (await mo.post(f"{OWN}/removal")).status_code == 409


async def test_the_provider_sets_up_the_enquiry_service_s(piet: Browser) -> None:
    async with rogue() as there:
        assert (await piet.post(ENQUIRY, filled(there.issuer, email_domains=""))).status_code == 303
    (row,) = await db.fetch("SELECT * FROM identity_provider")
    assert (row["company"], row["is_enquiry_service"]) == (None, True)
    assert "Brightwatt" in (await piet.get(ENQUIRY)).text
    assert "Brightwatt" not in (await piet.get(OWN)).text, "it is not the provider's own company's"
    assert (await piet.post(f"{ENQUIRY}/removal")).status_code == 303


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 56),
        ("issuer", "http://idp.example"),
        ("issuer", "https://idp.example?x=1"),
        ("issuer", "idp.example"),
        ("issuer", ""),
        ("client_id", ""),
        ("client_secret", ""),
        ("email_domains", ""),
        ("email_domains", "brightwatt"),
        ("email_domains", "*.example"),
        ("email_domains", "gmail.com"),
        ("email_domains", "mo@brightwatt.example"),
    ],
)
async def test_a_bad_form_comes_back_as_it_was_typed(mo: Browser, field: str, value: str) -> None:
    answer = await mo.post(OWN, {**filled("https://idp.example"), "name": "Typed name", field: value})
    assert (answer.status_code, len(told(answer))) == (422, 1)
    assert f'id="{field}-error"' in answer.text
    assert "Typed name" in answer.text or field == "name"
    assert "a secret" not in answer.text
    assert not await db.fetch("SELECT 1 FROM identity_provider")


@pytest.mark.parametrize("is_enquiry", [True, False])
@pytest.mark.parametrize("field", ["issuer", "client_id"])
async def test_a_kept_secret_goes_to_nobody_else(mo: Browser, piet: Browser, field: str, is_enquiry: bool) -> None:
    browser, path = (piet, ENQUIRY) if is_enquiry else (mo, OWN)
    async with rogue() as there, rogue() as other:
        assert (await browser.post(path, filled(there.issuer))).status_code == 303
        changed = {"issuer": other.issuer, "client_id": "another"}[field]
        answer = await browser.post(path, {**filled(there.issuer), field: changed, "client_secret": ""})
        assert (answer.status_code, len(told(answer))) == (422, 1)
        assert 'id="client_secret-error"' in answer.text
        assert changed in answer.text
        assert other.asked == []
        answer = await browser.post(path, {**filled(there.issuer), field: changed, "client_secret": "another"})
        assert answer.status_code == 303
    (row,) = await db.fetch("SELECT * FROM identity_provider")
    assert (row[field], unsealed(row["client_secret"])) == (changed, "another")


async def test_what_does_not_answer_is_not_saved(mo: Browser) -> None:
    answer = await mo.post(OWN, filled("http://127.0.0.1:9"))
    assert answer.status_code == 422
    assert told(answer) == ["The sign-in at this address cannot be used: it cannot be reached. Nothing was saved."]
    async with rogue() as there:
        there.metadata = {"issuer": "https://another.example"}
        assert (await mo.post(OWN, filled(there.issuer))).status_code == 422
    assert not await db.fetch("SELECT 1 FROM identity_provider")


async def test_a_domain_is_one_company_s(mo: Browser) -> None:
    await provider_row("https://calder.example", company="Calder Home Energy", email_domains=["new.example"])
    async with rogue() as there:
        answer = await mo.post(OWN, filled(there.issuer, email_domains="brightwatt.example new.example"))
    assert answer.status_code == 409
    assert told(answer) == ["new.example is in use by another company. If it is yours, tell the service desk."]
    assert "Calder Home" not in answer.text
    assert len(await db.fetch("SELECT 1 FROM identity_provider")) == 1


@pytest.mark.parametrize("change", ["email_verified_at = NULL", "state = 'deleted'", "email_key = 'ben@b.example'"])
async def test_a_domain_is_claimed_where_the_company_has_a_verified_address(mo: Browser, change: str) -> None:
    async with rogue() as there:
        await db.fetch(f"UPDATE person SET {change} WHERE email_key = 'ben@brightwatt.co.uk'")
        answer = await mo.post(OWN, filled(there.issuer))
        assert answer.status_code == 409
        assert told(answer)[0].startswith("Nobody of your company has verified an e-mail address at brightwatt.co.uk.")
        assert not await db.fetch("SELECT 1 FROM identity_provider")
        assert (await mo.post(OWN, filled(there.issuer, email_domains="brightwatt.example"))).status_code == 303
        await db.fetch("UPDATE person SET email_verified_at = NULL")
        kept = filled(there.issuer, email_domains="brightwatt.example", client_secret="")
        assert (await mo.post(OWN, kept)).status_code == 303, "one that is claimed already stays"


async def test_a_domain_of_another_company_s_people_is_not_claimed(mo: Browser) -> None:
    """Or else they could be sent to a stranger's page that asks for a password."""
    async with rogue() as there:
        answer = await mo.post(OWN, filled(there.issuer, email_domains="brightwatt.example calder.example"))
    assert (answer.status_code, told(answer)[0].split()[0]) == (409, "calder.example")


@pytest.mark.parametrize("path", [OWN, ENQUIRY])
async def test_nobody_else_opens_these_doors(path: str, asha: Browser, carys: Browser, mo: Browser) -> None:
    for stranger in (asha, carys, *([mo] if path == ENQUIRY else [])):
        if stranger is carys and path == OWN:
            continue  # the Code Manager's own MAU
        for answer in (await stranger.get(path), await stranger.post(path), await stranger.post(f"{path}/removal")):
            assert answer.status_code == 403


async def test_the_web_s_login_makes_no_company_s_sign_in_everybody_s(mo: Browser) -> None:
    """The second lock: whose word on MAUs counts is not a company's to say."""
    company = (await mo.actor()).company_id
    row = (
        "INSERT INTO identity_provider (company, name, issuer, client_id, client_secret, email_domains,"
        " is_enquiry_service, is_enabled, created_at) VALUES ({}, 'x', 'x', 'x', '', '{{}}', {}, true, now())"
    )
    for whose, is_enquiry in ((company, True), ("NULL", True), ("NULL", False)):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with as_web(company):
                await db.fetch(row.format(whose, is_enquiry))
    async with as_web(company):
        await db.fetch(row.format(company, False))
