"""Looking after communications in a browser: owner, search tags, archive, ticked rows; with scripts and without."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import Open, look_at
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

ASHA = "asha@brightwatt.example"
LIST = "/sdep/communications"


async def ticked_list(visitor: Visitor, rows: int = 3) -> None:
    await visitor.goto(LIST)
    for number in range(rows):
        await visitor.page.locator(".c-tick input").nth(number).check()


async def pressed(visitor: Visitor, act: str) -> None:
    await visitor.page.locator(f"button[name=act][value={act}]").click()
    await visitor.page.wait_for_load_state()


def asking(act: str) -> Open:
    async def open_page(visitor: Visitor) -> None:
        await ticked_list(visitor)
        await pressed(visitor, act)

    return open_page


@pytest.mark.spec("SD 11.1(b)i")
@pytest.mark.spec("SD 11.1(b)v")
async def test_its_pages_are_clean(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    asha = await arrive(site, ASHA)

    async def tagged(visitor: Visitor) -> None:
        await asking("tags")(visitor)
        await visitor.page.get_by_label("Search tag").fill("crew 9")
        await pressed(visitor, "tag")

    async def wrong_tag(visitor: Visitor) -> None:
        visitor.may_say("the server responded with a status of 422")
        await asking("tags")(visitor)
        await pressed(visitor, "tag")

    async def panels(visitor: Visitor) -> None:
        visitor.may_say("the server responded with a status of 422")
        await visitor.goto(LIST)
        await visitor.page.locator(".subj__a").first.click()
        for _ in range(2):
            await visitor.page.get_by_label("Add a search tag").fill("x" * 60)
            await visitor.page.get_by_role("button", name="Add", exact=True).click()
            await visitor.page.wait_for_load_state("networkidle")
        await expect(visitor.page.locator("#tags .errors")).to_be_focused()

    async def warning(visitor: Visitor) -> None:
        await visitor.goto(LIST)
        await visitor.page.locator(".subj__a").first.click()
        await visitor.page.get_by_role("link", name="Archive", exact=True).last.click()
        await expect(visitor.page.locator("h1")).to_have_text("Archive for both companies")

    await look_at(
        asha,
        {
            "list_ticked": ticked_list,
            "bulk_assign": asking("assign"),
            "bulk_tags": wrong_tag,
            "bulk_archive": asking("archive"),
            "bulk_done": tagged,
            "handling_panels": panels,
            "archiving": warning,
        },
        pictures,
    )


async def test_one_box_ticks_the_page_and_follows_its_rows(site: Site, arrive: Arrive) -> None:
    asha = await arrive(site, ASHA)
    await asha.goto(LIST)
    boxes, all_of_them = asha.page.locator(".c-tick input"), asha.page.locator("input[name=all]")
    take = asha.page.locator("button[name=act][value=take]")
    await expect(take).to_be_hidden()
    await all_of_them.check()
    await expect(asha.page.locator(".c-tick :checked")).to_have_count(await boxes.count())
    await expect(take).to_be_in_viewport()
    await boxes.first.uncheck()
    await expect(all_of_them).not_to_be_checked()
    await expect(asha.page.locator("#announce")).to_have_text(f"{await boxes.count() - 1} ticked")


async def test_a_row_is_taken_without_leaving_the_list(site: Site, arrive: Arrive) -> None:
    ben = await arrive(site, "ben@brightwatt.example")
    await ben.goto(f"{LIST}?folder=unassigned")
    takes = ben.page.get_by_role("button", name="Take ownership of")
    before = await takes.count()
    assert before
    await takes.first.click()
    await expect(takes).to_have_count(before - 1)
    await expect(ben.page.locator(".owner:focus")).to_have_text("BCBen Carter")


async def test_all_of_it_works_without_scripts(site: Site, arrive: Arrive) -> None:
    cleo = await arrive(site, "cleo@calder.example", java_script_enabled=False)
    await cleo.goto(LIST)
    rows = await cleo.page.locator(".c-tick input").count()
    await cleo.page.locator("input[name=all]").check()
    await pressed(cleo, "tags")
    await expect(cleo.page.locator("h1")).to_have_text(f"Search tags of {rows} communications")
    await cleo.page.get_by_label("Search tag").fill("without scripts")
    await pressed(cleo, "tag")
    await expect(cleo.page.locator("h1")).to_have_text(f"Done for all {rows}")
    await cleo.page.get_by_role("link", name="Back to the list").click()
    await cleo.page.locator(".subj__a").first.click()
    await cleo.page.get_by_label("Owner", exact=True).select_option("Cleo Marsh (you)")
    await cleo.page.get_by_role("button", name="Assign").click()
    await expect(cleo.page.locator("#owner option:checked")).to_have_text("Cleo Marsh (you)")
    await cleo.page.get_by_role("button", name="Remove search tag without scripts").click()
    await expect(cleo.page.locator("#tags .chip", has_text="without scripts")).to_have_count(0)
    await cleo.page.get_by_role("link", name="Archive", exact=True).last.click()
    await cleo.page.get_by_role("button", name="Archive for both companies").click()
    await expect(cleo.page.locator(".page-head .pill").first).to_have_text("Archived")
