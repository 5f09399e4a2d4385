"""The matrix in a real browser: ticking, whole rows and columns, two at once, with a script and without."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Dialog, expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import Open, at, look_at
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

MO, BEN = "mo@brightwatt.example", "ben@brightwatt.example"
MATRIX = "/users/assignments?title=Crossed+Meters"
FIRST = "Crossed Meters - General Query (Gas), level 1"
LAST = "Crossed Meters - Escalation (Gas), level 3"


def held(site: Site, email: str) -> int:
    """How many of the four use cases of crossed meters somebody is in."""
    return int(
        site.rows(
            "SELECT count(*) AS n FROM assignment a JOIN person p ON p.id = a.person JOIN process_type t"
            " ON t.id = a.process_type WHERE p.email_key = %s AND t.title = 'Crossed Meters'",
            email,
        )[0]["n"]
    )


async def test_ticking_whole_rows_and_columns_and_saving(site: Site, arrive: Arrive) -> None:
    mo = await arrive(site, MO)
    page = mo.page
    await mo.goto(MATRIX)
    told = page.locator("[data-unsaved]")
    await expect(told).to_have_text("No changes yet")
    first = page.get_by_role("checkbox", name=f"Ben Carter {FIRST}", exact=True)
    await expect(first).to_be_checked()
    await first.uncheck()
    await expect(told).to_have_text("1 change, not saved yet")
    row = page.get_by_role("checkbox", name="All shown for Ben Carter")
    assert await row.evaluate("box => box.indeterminate")
    await row.check()
    await expect(told).to_have_text("No changes yet")
    await row.uncheck()
    await expect(told).to_have_text("4 changes, not saved yet")
    await expect(page.locator("#announce")).to_have_text("All shown for Ben Carter cleared. 4 changes, not saved yet.")
    column = page.get_by_role("checkbox", name=f"All shown for {LAST}")
    await column.check()
    await expect(told).to_have_text("3 changes, not saved yet")

    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.once("dialog", stay)
    await page.get_by_role("button", name="Show").click()
    await expect(told).to_have_text("3 changes, not saved yet")
    assert asked == ["beforeunload"], "what is not saved is not lost without a question"

    await page.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_text("Saved: 3 changes.")).to_be_visible()
    assert held(site, BEN) == 1


@pytest.mark.spec("SD 2.5")
async def test_two_at_once(site: Site, arrive: Arrive) -> None:
    mo, ben = await arrive(site, MO), await arrive(site, BEN)
    mo.may_say("status of 409")
    for visitor in (mo, ben):
        await visitor.goto(MATRIX)
    await ben.page.get_by_role("checkbox", name=f"Asha Rahman {FIRST}", exact=True).uncheck()
    await ben.page.get_by_role("button", name="Save changes").click()
    await expect(ben.page.get_by_text("Saved: 1 change.")).to_be_visible()

    await mo.page.get_by_role("checkbox", name=f"Asha Rahman {LAST}", exact=True).uncheck()
    await mo.page.get_by_role("button", name="Save changes").click()
    alert = mo.page.get_by_role("alert")
    await expect(alert).to_be_focused()
    await expect(alert).to_contain_text(f"Asha Rahman was taken out of {FIRST} by Ben Carter.")
    await expect(mo.page.get_by_role("checkbox", name=f"Asha Rahman {FIRST}", exact=True)).not_to_be_checked()
    await expect(mo.page.get_by_role("checkbox", name=f"Asha Rahman {LAST}", exact=True)).not_to_be_checked()
    await expect(mo.page.locator("[data-unsaved]")).to_have_text("1 change, not saved yet")
    assert held(site, "asha@brightwatt.example") == 3
    await mo.page.get_by_role("button", name="Save changes").click()
    await expect(mo.page.get_by_text("Saved: 1 change.")).to_be_visible()
    assert held(site, "asha@brightwatt.example") == 2


async def test_without_a_script(site: Site, arrive: Arrive) -> None:
    mo = await arrive(site, MO, java_script_enabled=False)
    page = mo.page
    await mo.goto(MATRIX)
    await page.get_by_role("button", name="None for Ben Carter").click()
    await expect(page.get_by_text("4 changes, not saved yet")).to_be_visible()
    await page.get_by_role("button", name=f"All for {FIRST}", exact=True).click()
    await expect(page.get_by_text("3 changes, not saved yet")).to_be_visible()
    await page.get_by_role("checkbox", name=f"Ben Carter {LAST}", exact=True).check()
    assert held(site, BEN) == 4
    await page.get_by_role("checkbox", name=f"Ben Carter {LAST}", exact=True).press("Enter")
    await expect(page.get_by_text("Saved: 2 changes.")).to_be_visible()
    assert held(site, BEN) == 2
    await page.get_by_role("link", name=LAST).click()
    await page.get_by_role("link", name="Take out everybody found").click()
    mo.may_say("status of 409")
    take_out = re.compile(r"Take \d+ people out")
    await page.get_by_role("button", name=take_out).click()
    await page.get_by_label("Let the Master Admin User take it").check()
    await page.get_by_role("button", name=take_out).click()
    await expect(page.get_by_text("Saved: ")).to_be_visible()
    assert held(site, BEN) == 1


async def test_pages_have_no_fault_that_axe_knows(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    number = site.rows("SELECT id FROM process_type WHERE code = 'PT0137'")[0]["id"]
    one = f"/users/assignments/{number}/3"

    async def unsaved(visitor: Visitor) -> None:
        await visitor.goto(MATRIX)
        everybody = visitor.page.get_by_role("checkbox", name=f"All shown for {FIRST}")
        await expect(everybody).to_be_checked()  # it is ticked when the browser has time for it
        await everybody.uncheck()

    async def last_person(visitor: Visitor) -> None:
        visitor.may_say("status of 409")
        await unsaved(visitor)
        await visitor.page.get_by_role("button", name="Save changes").click()
        await expect(visitor.page.get_by_role("alert")).to_be_focused()

    async def late(visitor: Visitor) -> None:
        await visitor.goto(MATRIX)
        site.rows("UPDATE person SET state = 'suspended' WHERE email_key = %s", BEN)
        site.rows("DELETE FROM assignment a USING person p WHERE p.id = a.person AND p.email_key = %s", BEN)
        await visitor.page.get_by_role("checkbox", name=f"Asha Rahman {FIRST}", exact=True).uncheck()
        await visitor.page.get_by_role("button", name="Save changes").click()
        await expect(visitor.page.get_by_role("alert")).to_be_focused()

    async def refused(visitor: Visitor) -> None:
        await visitor.goto(f"{one}/everybody?choice=out")
        await visitor.page.get_by_role("button", name="Take").click()
        await expect(visitor.page.get_by_role("alert")).to_be_focused()

    pages: dict[str, Open] = {
        "assignments": at("/users/assignments"),
        "assignments-nobody": at("/users/assignments?q=nobody-of-this-name"),
        "assignments-no-process": at("/users/assignments?title=Crossed+Meters&fuel=E"),
        "assignments-unsaved": unsaved,
        "assignments-last-person": last_person,
        "assignments-late": late,
        "use-case": at(one),
        "use-case-everybody": at(f"{one}/everybody?choice=in"),
        "use-case-refused": refused,
    }
    try:
        await look_at(await arrive(site, MO), pages, pictures)
    finally:
        site.rows("UPDATE person SET state = 'active' WHERE email_key = %s", BEN)
