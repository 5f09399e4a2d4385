"""The list in a browser: searching while typing, filters, orders, saved filters; looked at, and without scripts."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import at, look_at
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

LIST = "/sdep/communications"
BEN = "ben@brightwatt.example"


async def subjects(page: Page) -> list[str]:
    return [text.removeprefix("Unread: ") for text in await page.locator("[data-row-link]").all_inner_texts()]


async def keep(visitor: Visitor, name: str, query: str, *, shared: bool = False) -> None:
    """Saves a list under a name."""
    await visitor.goto(f"/sdep/filters/new?{query}")
    await visitor.page.get_by_role("textbox", name="Name").fill(name)
    if shared:
        await visitor.page.get_by_label("Share it in").check()
    await visitor.page.get_by_role("button", name="Save", exact=True).click()
    await expect(visitor.page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.mark.spec("SD 11.1(a)s")
async def test_searching_while_typing_keeps_the_page_and_its_address(site: Site, arrive: Arrive) -> None:
    site.send("asha@brightwatt.example", "Quagmire Lane is without supply")
    visitor = await arrive(site, BEN)
    page = visitor.page
    await visitor.goto(LIST)
    before = len(await subjects(page))
    assert before > 1
    await page.keyboard.press("/")
    await page.keyboard.type("quagm")
    await expect(page.locator("[data-row-link]")).to_have_count(1)
    assert await subjects(page) == ["Quagmire Lane is without supply"]
    assert page.url == f"{site.address}{LIST}?q=quagm"
    await expect(page.locator("#q")).to_be_focused()
    await expect(page.locator("#announce")).to_have_text("Active communications, 1 shown")
    await page.get_by_label("Sort by").select_option("due")
    await expect(page).to_have_url(f"{site.address}{LIST}?q=quagm&sort=due")
    await page.get_by_label("By them").check()
    await expect(page.get_by_text("No communications match")).to_be_visible()
    assert page.url == f"{site.address}{LIST}?q=quagm&side=received&sort=due"
    await page.locator(".empty").get_by_role("link", name="Clear").click()
    await expect(page).to_have_url(f"{site.address}{LIST}?sort=due")
    assert len(await subjects(page)) == before
    await page.go_back()
    await expect(page).to_have_url(f"{site.address}{LIST}?q=quagm&side=received&sort=due")
    await expect(page.locator("#q")).to_have_value("quagm")


async def test_a_typed_reference_is_gone_to(site: Site, arrive: Arrive) -> None:
    reference = site.send("asha@brightwatt.example", "Straight there")
    visitor = await arrive(site, BEN)
    await visitor.goto(LIST)
    await visitor.page.locator("#q").press_sequentially(reference.lower())
    await visitor.page.wait_for_url(f"**{LIST}/{reference}")


@pytest.mark.spec("SD 11.1(a)f")
async def test_filters_work_without_scripts(site: Site, arrive: Arrive) -> None:
    site.send("asha@brightwatt.example", "Quicksilver is without supply")
    visitor = await arrive(site, BEN, java_script_enabled=False)
    page = visitor.page
    await visitor.goto(LIST)
    await page.locator("#q").fill("quicksilver")
    await page.get_by_label("By us").check()
    await page.get_by_label("Process").select_option("Electricity Disconnection")
    await page.get_by_role("button", name="Apply").click()
    await page.wait_for_url("**q=quicksilver*")
    assert await subjects(page) == ["Quicksilver is without supply"]
    await page.get_by_role("link", name="Remove filter Search").click()
    assert re.search(r"\?(?!.*q=quick).*process=Electricity\+Disconnection", page.url)
    await expect(page.get_by_label("By us")).to_be_checked()


async def test_the_list_with_all_that_it_may_say(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    visitor = await arrive(site, BEN)
    await keep(visitor, "Disconnections that wait for us", "folder=ours&process=Electricity+Disconnection&sort=due")
    await keep(visitor, "Late and nobody's", "owner=none&due=overdue&process=PT9999", shared=True)
    (own,) = site.rows("SELECT id FROM saved_filter WHERE name LIKE 'Disconnections%%'")
    asha = await arrive(site, "asha@brightwatt.example")
    await keep(asha, "Asha's", "owner=me", shared=True)
    (colleagues,) = site.rows("SELECT id FROM saved_filter WHERE name = 'Asha''s'")

    async def no_name(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/sdep/filters/new?owner=me&sort=due")
        await visitor.page.get_by_role("button", name="Save", exact=True).click()
        await expect(visitor.page.get_by_role("alert")).to_be_visible()

    pages = {
        "list-filtered": at(f"{LIST}?side=sent&process=Electricity+Disconnection&level=1&sort=due"),
        "list-left-out": at(f"{LIST}?owner=999999&folder=theirs&saved={own['id']}"),
        "list-mine": at(f"{LIST}?folder=mine"),
        "list-no-match": at(f"{LIST}?q=zebra+crossing&due=today"),
        "list-too-long": at(f"{LIST}?q={'x' * 300}"),
        "filters": at("/sdep/filters"),
        "filter-new": at("/sdep/filters/new?owner=me&sort=due"),
        "filter-errors": no_name,
        "filter-own": at(f"/sdep/filters/{own['id']}"),
        "filter-colleagues": at(f"/sdep/filters/{colleagues['id']}"),
    }
    await look_at(visitor, pages, pictures)
    site.rows("DELETE FROM saved_filter")


async def test_on_a_phone_filters_that_are_not_in_use_begin_folded(site: Site, arrive: Arrive) -> None:
    visitor = await arrive(site, BEN)
    level = visitor.page.get_by_label("Level", exact=True)
    await visitor.page.set_viewport_size({"width": 390, "height": 844})
    await visitor.goto(LIST)
    await expect(level).to_be_hidden()
    await visitor.page.get_by_text("More filters").click()
    await expect(level).to_be_visible()
    await visitor.goto(f"{LIST}?level=1")
    await expect(level).to_have_value("1")
    await expect(level).to_be_visible()
