"""The pages of the Maintain Assigned Users List and of the company's settings, looked at like all others."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import Open, at, look_at
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

MO = "mo@brightwatt.example"


def person(site: Site, email: str, rest: str = "") -> str:
    """The address of somebody's page."""
    return f"/users/{site.rows('SELECT id FROM person WHERE email_key = %s', email)[0]['id']}{rest}"


def pressed(path: str, button: str) -> Open:
    """The page that answers when a form is sent as it is."""

    async def open_page(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto(path)
        await visitor.page.get_by_role("button", name=button).click()
        await expect(visitor.page.get_by_role("alert")).to_be_visible()

    return open_page


async def test_pages_of_people(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    """Dana is the only user of a use case, and nobody but the Master Admin User is at another."""
    alone, empty = site.rows(
        "SELECT a.process_type, a.level FROM assignment a JOIN person p ON p.id = a.person"
        " WHERE p.email_key = 'dana@brightwatt.example' ORDER BY 1, 2 LIMIT 2"
    )
    kept = site.rows(
        "SELECT a.* FROM assignment a JOIN person p ON p.id = a.person WHERE p.email_key LIKE '%%brightwatt%%'"
    )
    for case, email in ((alone, "dana@brightwatt.example"), (empty, MO)):
        site.rows(
            "DELETE FROM assignment a USING person p, person o WHERE p.email_key = %s AND o.company = p.company"
            " AND a.person = o.id AND o.id <> p.id AND a.process_type = %s AND a.level = %s",
            email, case["process_type"], case["level"],
        )  # fmt: skip
    site.rows(
        "UPDATE assignment SET is_default_contact = true WHERE process_type = %s AND level = %s"
        " AND person = (SELECT id FROM person WHERE email_key = %s)",
        empty["process_type"], empty["level"], MO,
    )  # fmt: skip
    pages = {
        "people": at("/users"),
        "people-nobody": at("/users?q=zzz"),
        "person": at(person(site, "dana@brightwatt.example")),
        "person-mau": at(person(site, MO)),
        "person-suspended": at(person(site, "euan@brightwatt.example")),
        "person-new": at("/users/new"),
        "person-new-errors": pressed("/users/new", "Create account"),
        "person-deletion": pressed(person(site, "dana@brightwatt.example", "/deletion"), "Delete Dana"),
        "person-suspension": at(person(site, "asha@brightwatt.example", "/suspension")),
        "company-settings": at("/users/settings"),
    }
    try:
        await look_at(await arrive(site, MO), pages, pictures)
    finally:
        for row in kept:
            site.rows(
                "INSERT INTO assignment (company, person, process_type, level, is_default_contact)"
                " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (person, process_type, level)"
                " DO UPDATE SET is_default_contact = excluded.is_default_contact",
                *(row[name] for name in ("company", "person", "process_type", "level", "is_default_contact")),
            )


async def test_pages_of_people_of_a_company_without_processes(
    site: Site, arrive: Arrive, pictures: Path | None
) -> None:
    pages = {"person-without-processes": at(person(site, "piet@provider.example")), "new-elsewhere": at("/users/new")}
    await look_at(await arrive(site, "piet@provider.example"), pages, pictures)
