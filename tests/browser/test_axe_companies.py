"""The pages of those who look after companies, and of the audit, looked at like all others."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import Open, at, look_at
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

PIET, CARYS, MO = "piet@provider.example", "carys@codemanager.example", "mo@brightwatt.example"

# Two months of them, each hour a few missing.
MINUTES = """
INSERT INTO available_minute SELECT minute FROM generate_series(date_trunc('minute', now()) - interval '60 days',
    now() - interval '1 minute', interval '1 minute') minute WHERE extract(minute FROM minute) NOT BETWEEN 20 AND 22
ON CONFLICT DO NOTHING
"""


def sent_empty(path: str, button: str, unfold: str = "") -> Open:
    """The page at that address after its form was sent with nothing in it."""

    async def open_page(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto(path)
        if unfold:
            await visitor.page.get_by_text(unfold, exact=True).click()
        await visitor.page.get_by_role("button", name=button, exact=True).click()
        await expect(visitor.page.get_by_role("alert")).to_be_visible()

    return open_page


def unfolded(path: str, words: str) -> Open:
    """The page at that address with a part of it unfolded."""

    async def open_page(visitor: Visitor) -> None:
        await visitor.goto(path)
        await visitor.page.get_by_text(words, exact=True).click()

    return open_page


async def outages(visitor: Visitor) -> None:
    """The status page with the latest month's outages unfolded: it has some but in its first minutes."""
    await visitor.goto("/status")
    for summary in await visitor.page.locator("summary", has_text="Outages in").all():
        await summary.click()


async def test_pages_of_companies(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    here, opened = _page(site, "Brightwatt Energy"), _page(site, "Dalesway Energy")
    participant = site.rows("SELECT id FROM market_participant WHERE mpid = 'BRWT'")[0]["id"]
    site.rows(MINUTES)
    pages = {
        "companies": at("/companies"),
        "companies-none": at("/companies?q=zzzz"),
        "company-new-errors": sent_empty("/companies/new", "Open company"),
        "company": at(f"{here}?done=reset"),
        "company-reset": unfolded(here, "Reset their sign-in"),
        "company-errors": sent_empty(here, "Add market participant", "Add a market participant"),
        "company-under-way": unfolded(opened, "Record dates"),
        "company-participant-errors": _cleared(f"{here}/participants/{participant}"),
        "master-admin": at(f"{here}/master-admin"),
        "master-admin-errors": sent_empty(f"{here}/master-admin", "Replace"),
        "company-unknown": at("/companies/999999", 404),
        "audit-of-overseers": at("/audit"),
        "status-of-overseers": outages,
    }
    await look_at(await arrive(site, PIET), pages, pictures)
    deciding = {"company-qualification-errors": sent_empty(here, "Save", "Change")}
    await look_at(await arrive(site, CARYS), deciding, pictures)


async def test_the_audit(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    (mo,) = site.rows("SELECT id, company FROM person WHERE email_key = %s", MO)
    site.rows(
        "INSERT INTO audit_entry (at, event, person_id, person_name, company_id, company_name, subject, process, fuel,"
        " detail, audience, request_id, about_company) SELECT now() - n * interval '1 hour',"
        " 'administration.person.changed', %s, 'Mo Sheikh', %s, 'Brightwatt Energy', '', '', '',"
        " 'Ben Carter: address ' || repeat('long.', 30) || n || '@brightwatt.example', ARRAY[%s]::bigint[], '', %s"
        " FROM generate_series(1, 60) n",
        mo["id"], mo["company"], mo["company"], mo["company"],
    )  # fmt: skip

    async def searched(visitor: Visitor) -> None:
        await visitor.goto("/audit")
        await visitor.page.get_by_label("Words in the detail").fill("long.7@")
        await expect(visitor.page.get_by_role("row")).to_have_count(2)
        await visitor.page.wait_for_url("**/audit?text=long.7%40")

    pages = {
        "audit": at("/audit"),
        "audit-searched": searched,
        "audit-wrong-date": at("/audit?from=31/2/2026"),
        "audit-none": at("/audit?kind=companies&text=zzzz"),
    }
    await look_at(await arrive(site, MO), pages, pictures)


@pytest.mark.spec("SL 20")
@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without"])
async def test_a_company_is_taken_on(site: Site, arrive: Arrive, has_script: bool) -> None:
    name = f"Hafren Energy {'with' if has_script else 'without'} script"
    mpid = "HAFW" if has_script else "HAFO"
    page = (piet := await arrive(site, PIET, java_script_enabled=has_script)).page
    await piet.goto("/companies")
    await page.get_by_role("link", name="Open a company").click()
    await page.get_by_label("Name of the company group").fill(name)
    await page.get_by_role("button", name="Open company").click()
    await page.get_by_label("Market role").select_option("Electricity supplier")
    await page.get_by_label("MPID").fill(mpid.lower())
    await page.get_by_label("First day").fill("1 Sept 2024")
    await page.get_by_role("button", name="Add market participant").click()
    await page.get_by_text("Record dates", exact=True).click()
    for label in ("Application received", "Application validated", "Access Agreement signed"):
        await page.get_by_label(label).fill("3/9/2024")
    await page.get_by_role("button", name="Save dates").click()
    await page.get_by_role("link", name="Appoint").click()
    await page.get_by_label("Name").fill("Nia Hughes")
    await page.get_by_label("E-mail address").fill(f"nia@{mpid.lower()}.example")
    await page.get_by_role("button", name="Appoint").click()
    await expect(page.get_by_text("The Master Admin User is appointed, and told by e-mail.")).to_be_visible()
    carys = (await arrive(site, CARYS, java_script_enabled=has_script)).page
    await carys.goto(page.url)
    await carys.get_by_text("Change", exact=True).click()
    await carys.get_by_label("Yes").check()
    await carys.get_by_label("Reason").fill("Passed")
    await carys.get_by_role("button", name="Save", exact=True).click()
    await expect(carys.locator(".page-head .pill--ok")).to_have_text("Qualified")
    site.rows("UPDATE company SET is_qualified = false WHERE name = %s", name)


def _page(site: Site, name: str) -> str:
    return f"/companies/{site.rows('SELECT id FROM company WHERE name = %s', name)[0]['id']}"


def _cleared(path: str) -> Open:
    async def open_page(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto(path)
        await visitor.page.get_by_label("First day").fill("")
        await visitor.page.get_by_role("button", name="Save dates").click()
        await expect(visitor.page.get_by_role("alert")).to_be_visible()

    return open_page
