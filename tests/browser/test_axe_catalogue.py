"""The pages of the catalogue and of the working calendar, looked at like all others; and used without script."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import Open, at, look_at
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

CARYS, ASHA = "carys@codemanager.example", "asha@brightwatt.example"
CALENDAR = "/process-types/working-calendar"


def pressed(path: str, button: str, status: int = 200) -> Open:
    """The page at that address after a button of its form was pressed."""

    async def open_page(visitor: Visitor) -> None:
        if status >= 400:
            visitor.may_say(f"status of {status}")
        await visitor.goto(path)
        await visitor.page.get_by_role("button", name=button, exact=True).click()
        await visitor.page.wait_for_load_state()
        await visitor.page.evaluate("scrollTo(0, 0)")  # or else the bar, which stays, lies over what is looked at

    return open_page


def showing(path: str) -> Open:
    """What a change would change, shown before it is made."""

    async def open_page(visitor: Visitor) -> None:
        await visitor.goto(path)
        await visitor.page.get_by_label("Business process").fill("Electricity Cut-off")
        await visitor.page.get_by_role("button", name="Show what changes").last.click()
        await expect(visitor.page.get_by_text("Title: Electricity Disconnection, now")).to_be_visible()
        await visitor.page.evaluate("scrollTo(0, 0)")

    return open_page


@pytest.mark.spec("SL 8")
async def test_pages_of_the_catalogue(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    here, waits = (f"/process-types/{_id(site, code)}" for code in ("PT0131", "PT0103"))
    (change,) = site.rows(
        "INSERT INTO catalogue_change (process_type, takes_effect_on, definition, summary, made_by, made_at, problem)"
        " SELECT id, current_date + 9, jsonb_build_object('title', title, 'contact_type', contact_type, 'fuel', fuel,"
        " 'effective_from', effective_from, 'effective_to', NULL, 'position', position, 'levels', '[]'::jsonb,"
        " 'routes', '[]'::jsonb, 'items', '[]'::jsonb), 'Level 3 removed: Final escalation, 2 working days',"
        " 'Carys Bevan', now(), '2 communications, active or archived, can still reach level 3.' FROM process_type"
        " WHERE code = 'PT0103' RETURNING id"
    )
    site.rows(
        "INSERT INTO extra_day (date, name, is_holiday) VALUES (current_date + 90, 'Coronation', true),"
        " (current_date - 90, 'Catching up', false) ON CONFLICT DO NOTHING"
    )
    pages = {
        "process-types": at("/process-types"),
        "process-types-none": at("/process-types?q=zzzz"),
        "process-type-done": at(f"{here}?done=changed"),
        "process-type-waiting": at(waits),
        "process-type-form": at(f"{here}/definition"),
        "process-type-shown": showing(f"{here}/definition"),
        "process-type-row": pressed(f"{here}/definition", "Add a data item"),
        "process-type-new-errors": pressed("/process-types/new", "Make process type", 422),
        "working-calendar": at(CALENDAR),
        "working-calendar-errors": pressed(CALENDAR, "Add day", 422),
    }
    await look_at(await arrive(site, CARYS), pages, pictures)
    reading = {"process-types-read": at("/process-types"), "process-type-read": at(waits)}
    await look_at(await arrive(site, ASHA), reading, pictures)
    site.rows("DELETE FROM catalogue_change WHERE id = %s", change["id"])
    site.rows("DELETE FROM extra_day")


@pytest.mark.spec("SL 8")
@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without"])
async def test_a_process_type_is_changed(site: Site, arrive: Arrive, has_script: bool) -> None:
    title = f"Erroneous Transfer {'with' if has_script else 'without'} script"
    here = f"/process-types/{_id(site, 'PT0101')}"
    page = (carys := await arrive(site, CARYS, java_script_enabled=has_script)).page
    await carys.goto(f"{here}/definition")
    rows = page.locator("#items fieldset")
    count = await rows.count() + 1
    await page.get_by_role("button", name="Add a data item").click()
    await expect(rows).to_have_count(count)
    await rows.last.get_by_label("Called").fill("Reason")
    await rows.last.get_by_label("Holds").select_option("Choice from a list")
    await rows.last.get_by_role("button", name=f"Move up data item {count}").click()
    await rows.nth(count - 2).get_by_label("One choice a line").fill("Wrong postcode\nWrong meter")
    await page.get_by_label("Business process").fill(title)
    await page.get_by_label("Business process").press("Enter")  # shows first, and saves nothing
    await expect(page.get_by_text(f"now {title}")).to_be_visible()
    assert not site.rows("SELECT id FROM process_type WHERE title = %s", title)
    await page.get_by_role("button", name="Save change").click()
    await expect(page.get_by_text("The process type is changed.")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    site.rows("UPDATE process_type SET title = 'Erroneous Transfer' WHERE code = 'PT0101'")
    site.rows("DELETE FROM data_item WHERE label = 'Reason'")


def _id(site: Site, code: str) -> int:
    return int(site.rows("SELECT id FROM process_type WHERE code = %s", code)[0]["id"])
