"""Two browsers at once: what one sends the other's open page tells of, without a reload and without moving anything."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import Open, at, look_at
from tests.browser.visitor import Visitor
from tests.browser.writing import reply_box

pytestmark = pytest.mark.anyio

ASHA, NILS, NORA = "asha@brightwatt.example", "nils@northgrid.example", "nora@northgrid.example"
LIST = "/sdep/communications"


@pytest.fixture(autouse=True)
def nobody_was_told_anything(site: Site) -> None:
    site.rows("DELETE FROM notification")
    site.rows("DELETE FROM notification_setting")


async def poll(page: Page) -> None:
    """What every page does by itself once a minute."""
    await page.evaluate("document.body.dispatchEvent(new CustomEvent('sdes:poll'))")


@pytest.mark.spec("SD 11.1(f)")
async def test_a_new_communication_is_told_on_the_open_list(site: Site, arrive: Arrive) -> None:
    nils = await arrive(site, NILS)
    page = nils.page
    await nils.goto(LIST)
    await expect(page.locator("#bell .badge")).to_have_count(0)
    rows = await _places(page)
    count = page.get_by_role("link", name="Awaiting our reply").locator(".n")
    before = int(await count.inner_text())
    await poll(page)
    await expect(page.locator("#toasts .toast")).to_have_count(0)
    reference = site.send(ASHA, "Told at once")
    await poll(page)
    await expect(page.locator("#bell .badge")).to_have_text(re.compile("^1"))
    await expect(page).to_have_title(re.compile(r"^\(1\) Active communications"))
    toast = page.locator("#toasts .toast")
    await expect(toast).to_contain_text("New message from Brightwatt Energy")
    await expect(page.locator("[data-came]")).to_have_text("1 new: show")
    assert await _places(page) == rows, "what was there has moved"
    await poll(page)
    await expect(toast).to_have_count(1)
    site.send(ASHA, "Told next")
    await poll(page)
    await expect(page.locator("[data-came]")).to_have_text("2 new: show")
    await expect(toast).to_have_count(1)
    await page.get_by_role("link", name="Unassigned").focus()
    await expect(count).to_have_text(str(before + 2))
    await expect(page.get_by_role("link", name="Unassigned")).to_be_focused()
    await expect(page.get_by_role("link", name=re.compile("^Active"))).to_have_attribute("aria-current", "page")
    await toast.get_by_role("button", name="Dismiss").click()
    await expect(toast).to_have_count(0)
    await page.locator("[data-came] a").click()
    await expect(page.get_by_role("link", name="Told at once")).to_be_visible()
    await page.locator("#bell").click()
    await page.locator(f'a[href="{LIST}/{reference}#message-1"]').click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Told at once")
    await expect(page.locator("#bell .badge")).to_have_text(re.compile("^1"))


@pytest.mark.spec("SD 11.1(f)")
async def test_a_new_message_comes_into_the_open_thread_and_what_is_typed_stays(
    site: Site, arrive: Arrive, tmp_path: Path
) -> None:
    (tmp_path / "chosen.txt").write_bytes(b"chosen")
    reference = site.send(ASHA, "A thread that lives")
    nils, asha = await arrive(site, NILS), await arrive(site, ASHA)
    page = nils.page
    await nils.goto(f"{LIST}/{reference}")
    await page.get_by_label("Add attachments").set_input_files(tmp_path / "chosen.txt")
    await reply_box(page).fill("Half an ans")
    box = await reply_box(page).bounding_box()
    await asha.goto(f"{LIST}/{reference}")
    await reply_box(asha.page).fill("One thing more.")
    await asha.page.get_by_role("button", name="Send reply").click()
    await expect(asha.page.locator("#message-2")).to_be_visible()
    await poll(page)
    line = page.locator("#news")
    await expect(line).to_have_text(re.compile("1 new message. Show it"))
    assert await reply_box(page).bounding_box() == box, "the line has moved the form"
    await expect(page.locator("#bell .badge")).to_have_text(re.compile("^1"))
    await line.get_by_role("link").click()
    await expect(page.locator("#message-2")).to_contain_text("One thing more.")
    await expect(page.locator("#message-2 article")).to_be_focused()
    await expect(reply_box(page)).to_have_value("Half an ans")
    assert await page.get_by_label("Add attachments").evaluate("input => input.files.length") == 1
    await expect(line).to_have_text("")
    await expect(page.get_by_role("link", name=re.compile("^Messages 2"))).to_be_visible()
    await poll(page)
    await expect(page.locator("#bell .badge")).to_have_count(0)
    await expect(line).to_have_text("")
    assert (
        await page.locator("#thread > ol > li").evaluate_all("all => all.map(li => li.id).filter(id => id).join()")
        == "message-1,message-2,news"
    )


async def test_pages_of_notifications(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    """As `test_axe.py` looks at all others."""
    nora = await arrive(site, NORA)

    async def toast(visitor: Visitor) -> None:
        await visitor.goto("/account/display")
        site.send(ASHA, "A meter that nobody finds")
        await poll(visitor.page)
        await expect(visitor.page.locator("#toasts .toast")).to_be_visible()

    async def thread(visitor: Visitor) -> None:
        reference = site.send(ASHA, "A thread with news")
        await visitor.goto(f"{LIST}/{reference}")
        site.rows("UPDATE communication SET message_count = message_count + 2 WHERE reference = %s", reference)
        await poll(visitor.page)
        await expect(visitor.page.locator("#news a")).to_be_visible()
        site.rows("UPDATE communication SET message_count = 1 WHERE reference = %s", reference)

    async def full(visitor: Visitor) -> None:
        for number, kind in enumerate(("message", "escalation", "owner", "archived", "message")):
            _told(
                site, number, kind=kind, read=number == 4, closed_by="Answered by Nils Andersen" if number == 3 else ""
            )
        await visitor.goto("/notifications")
        await expect(visitor.page.get_by_role("button", name="Mark all as read")).to_be_visible()

    async def wrong(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/account/notifications")
        await visitor.page.locator("input[name=frequency]:checked").evaluate("input => { input.value = 'yearly' }")
        await visitor.page.get_by_role("button", name="Save").click()
        await expect(visitor.page.get_by_role("alert").first).to_be_visible()

    async def saved(visitor: Visitor) -> None:
        await visitor.goto("/account/notifications")
        await visitor.page.get_by_text("Every hour").click()
        await visitor.page.get_by_role("button", name="Save").click()
        await expect(visitor.page.get_by_text("Saved.")).to_be_visible()

    async def proxy(visitor: Visitor) -> None:
        site.rows("UPDATE person SET email_verified_at = NULL WHERE email_key = %s", NORA)
        await visitor.goto("/account/notifications")
        site.rows("UPDATE person SET email_verified_at = now() WHERE email_key = %s", NORA)

    pages: dict[str, Open] = {
        "notifications-empty": at("/notifications"),
        "notifications-toast": toast,
        "notifications-thread": thread,
        "notifications": full,
        "notifications-setting": at("/account/notifications"),
        "notifications-setting-saved": saved,
        "notifications-setting-wrong": wrong,
        "notifications-setting-unverified": proxy,
    }
    await look_at(nora, pages, pictures)


def _told(site: Site, days_ago: int, *, kind: str, read: bool, closed_by: str) -> None:
    site.rows(
        "INSERT INTO notification (company, person, created_at, subject, title, process, kind, number, from_name,"
        " closed_by, is_quick, wants_mail, read_at) SELECT company, id, now() - %s * interval '20 hours', %s,"
        " 'Disconnection at 4 Mill Lane', 'Electricity Disconnection - Escalation', %s, 1, 'Brightwatt Energy', %s,"
        " false, false, CASE WHEN %s THEN now() END FROM person WHERE email_key = %s",
        days_ago, f"SC{days_ago:08}", kind, closed_by, read, NORA,
    )  # fmt: skip


async def _places(page: Page) -> list[Any]:
    """Where the rows of the list are."""
    return list(
        await page.locator("[data-rows] tr").evaluate_all("rows => rows.map(row => row.getBoundingClientRect().top)")
    )
