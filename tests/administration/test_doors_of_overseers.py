"""The doors of those who look after companies: open to them, each to their own, and to nobody else."""

import pytest

from sdes.administration.queries.companies import company, page_of
from sdes.kit.errors import NotFound
from tests.support.communications import count
from tests.support.companies import NEW, NO, SIGNED, company_id
from tests.support.people import Browser, SignIn

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("person", ["asha", "mo", "olga", "mei"])
async def test_companies_are_the_overseers_matter(person: str, sign_in: SignIn) -> None:
    domain = {"mei": "fieldline", "olga": "clearvolt"}.get(person, "brightwatt")
    browser = await sign_in(f"{person}@{domain}.example")
    page = f"/companies/{await company_id('Brightwatt Energy')}"
    assert "/companies" not in (await browser.get("/account/display")).text
    for path in ("/companies", "/companies/new", page, f"{page}/master-admin", f"{page}/participants/1"):
        assert (await browser.get(path)).status_code == 403, path
    for path, fields in (
        ("/companies", {"name": "Mine"}),
        (f"{page}/accession", SIGNED),
        (f"{page}/participants", NEW),
        (f"{page}/participants/1", NEW),
        (f"{page}/participants/1/removal", {}),
        (f"{page}/name", {"name": "Mine"}),
        (f"{page}/qualification", NO),
        (f"{page}/master-admin", {"name": "Me", "email": "me@mine.example"}),
        (f"{page}/master-admin/reset", {}),
    ):
        assert (await browser.post(path, fields)).status_code == 403, path
    assert await count("audit_entry", "event LIKE 'administration.%'") == 0


async def test_the_first_lock_holds_by_itself(mo: Browser, piet: Browser) -> None:
    """Asked as the owner of the tables, for whom no policy holds."""
    assert [one.name for one in (await page_of(await mo.actor())).rows] == ["Brightwatt Energy"]
    with pytest.raises(NotFound):
        await company(await mo.actor(), await company_id("Northgrid Networks"))
    assert len((await page_of(await piet.actor())).rows) > 5


async def test_each_overseer_has_doors_of_their_own(piet: Browser, carys: Browser) -> None:
    page = f"/companies/{await company_id('Brightwatt Energy')}"
    assert (await piet.post(f"{page}/qualification", NO)).status_code == 403
    assert (await carys.get(f"{page}/master-admin")).status_code == 403
    assert (await carys.post(f"{page}/master-admin", {})).status_code == 403
    assert (await carys.post(f"{page}/master-admin/reset")).status_code == 403
    for path in ("/companies", "/companies/new", page, f"{page}/master-admin", f"{page}/participants/1"):
        assert (await piet.get(path)).status_code == 200, path
    for browser, shown, hidden in (
        (piet, "/master-admin", "/qualification"),
        (carys, "/qualification", "/master-admin"),
    ):
        text = (await browser.get(page)).text
        assert f"{page}{shown}" in text
        assert f"{page}{hidden}" not in text


@pytest.mark.parametrize("number", ["999999", "0", "-1", "99999999999999999999"])
async def test_what_does_not_exist_is_not_found(piet: Browser, carys: Browser, number: str) -> None:
    page = f"/companies/{number}"
    for path in (page, f"{page}/master-admin", f"{page}/participants/1"):
        assert (await piet.get(path)).status_code == 404, path
    brightwatt = await company_id("Brightwatt Energy")
    assert (await piet.get(f"/companies/{brightwatt}/participants/{number}")).status_code == 404
    assert (await piet.post(f"/companies/{brightwatt}/participants/{number}", NEW)).status_code == 404
    assert (await piet.post(f"/companies/{brightwatt}/participants/{number}/removal")).status_code == 404
    for path, browser, fields in (
        ("accession", piet, SIGNED),
        ("name", piet, {"name": "Another"}),
        ("participants", piet, NEW),
        ("qualification", carys, NO),
        ("master-admin", piet, {"name": "Nia Hughes", "email": "nia@new.example"}),
        ("master-admin/reset", piet, {}),
    ):
        assert (await browser.post(f"{page}/{path}", fields)).status_code == 404, path


async def test_the_providers_own_company_has_no_market_roles(piet: Browser, carys: Browser) -> None:
    for name in ("SDES Provider", "Code Manager"):
        page = f"/companies/{await company_id(name)}"
        text = (await piet.get(page)).text
        assert "Runs the service" in text
        assert "Accession" not in text
        for path, browser, fields in (
            ("accession", piet, SIGNED),
            ("participants", piet, NEW),
            ("qualification", carys, NO),
        ):
            assert (await browser.post(f"{page}/{path}", fields)).status_code == 422, path
    assert await count("company", "kind <> 'market' AND (NOT is_qualified OR applied_on = '2024-09-01')") == 0
