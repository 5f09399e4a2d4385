"""What only a browser shows: the double click, progress, drafts, focus, Back, and the keyboard."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.attachments.samples import eicar
from tests.browser.conftest import Arrive
from tests.browser.sites import MPAN, Site, until
from tests.browser.writing import fill_new, reply_box

pytestmark = pytest.mark.anyio

ASHA = "asha@brightwatt.example"
LIST, NEW = "/sdep/communications", "/sdep/communications/new"
BOTH_WAYS = pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])


@BOTH_WAYS
@pytest.mark.spec("SD 11.1(c)")
async def test_a_double_click_sends_one(site: Site, arrive: Arrive, scripted: bool) -> None:
    asha = await arrive(site, ASHA, java_script_enabled=scripted)
    subject = f"Clicked twice {'with' if scripted else 'without'} script"
    await asha.goto(NEW)
    await fill_new(asha.page, subject)
    await asha.page.get_by_role("button", name="Send communication").dblclick()
    await expect(asha.page.get_by_role("heading", level=1)).to_have_text(subject)
    assert len(site.rows("SELECT 1 FROM communication WHERE subject = %s", subject)) == 1
    assert not site.rows("SELECT 1 FROM draft WHERE fields::text LIKE %s", f"%{subject}%")


@BOTH_WAYS
async def test_a_draft_sent_from_two_tabs_is_one_message(site: Site, arrive: Arrive, scripted: bool) -> None:
    asha = await arrive(site, ASHA, java_script_enabled=scripted)
    reference = site.send(ASHA, f"Answered from two tabs {scripted}")
    tabs = [asha.page, await asha.context.new_page()]
    await asha.goto(f"{LIST}/{reference}")
    await reply_box(tabs[0]).fill("Once only")
    draft = await tabs[0].locator("#reply [name=draft_id]").input_value()
    await tabs[1].goto(tabs[0].url)
    await tabs[1].locator("#reply [name=draft_id]").evaluate("(field, id) => { field.value = id }", draft)
    await reply_box(tabs[1]).fill("Once only")
    for tab in tabs:
        await tab.get_by_role("button", name="Send reply").click()
        await expect(tab.locator("#message-2")).to_contain_text("Once only")
    rows = site.rows("SELECT message_count FROM communication WHERE reference = %s", reference)
    assert rows == [{"message_count": 2}]


async def test_an_upload_shows_its_progress(site: Site, arrive: Arrive, tmp_path: Path) -> None:
    reference = site.send(ASHA, "A large file to come")
    asha = await arrive(site, ASHA)
    await asha.goto(f"{LIST}/{reference}")
    file = tmp_path / "large.txt"
    file.write_bytes(b"reading 41871\n" * 200_000)
    line = await asha.context.new_cdp_session(asha.page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000}
    await line.send("Network.emulateNetworkConditions", slow)
    await reply_box(asha.page).fill("Here it is.")
    await asha.page.get_by_label("Add attachments").set_input_files(file)
    await expect(asha.page.locator("[data-files] li")).to_contain_text("large.txt")
    await asha.page.get_by_role("button", name="Send reply").click()
    progress = asha.page.get_by_role("progressbar", name="Uploading")
    await expect(progress).to_be_visible()
    assert 0 < float(await progress.get_attribute("value") or 0) <= float(await progress.get_attribute("max") or 0)
    await expect(asha.page.get_by_role("button", name="Send reply")).to_be_disabled()
    await expect(asha.page.locator("#message-2")).to_contain_text("large.txt")
    await expect(progress).to_have_count(0)


async def test_files_beyond_the_limit_are_told_before_they_are_sent(site: Site, arrive: Arrive, tmp_path: Path) -> None:
    asha = await arrive(site, ASHA)
    await asha.goto(NEW)
    file = tmp_path / "too-large.txt"
    file.write_bytes(b"0123456789" * 1_100_000)
    chooser = asha.page.get_by_label("Add attachments")
    await chooser.set_input_files(file)
    assert "The limit is 10.0 MB" in await chooser.evaluate("input => input.validationMessage")


async def test_a_closed_tab_loses_no_word(site: Site, arrive: Arrive) -> None:
    reference = site.send(ASHA, "To be answered later")
    asha = await arrive(site, ASHA)
    await asha.goto(f"{LIST}/{reference}")
    await reply_box(asha.page).fill("Half a thou")
    await expect(asha.page.get_by_text(re.compile("Draft saved"))).to_be_visible()
    await asha.goto(NEW)
    await asha.page.get_by_label("Subject").fill("Half a subject")
    await expect(asha.page.get_by_text(re.compile("Draft saved"))).to_be_visible()
    await asha.page.close()

    page = asha.page = await asha.context.new_page()
    await asha.goto(f"{LIST}/{reference}")
    await expect(reply_box(page)).to_have_value("Half a thou")
    await page.get_by_role("link", name=re.compile("^Drafts")).click()
    await page.get_by_role("link", name="Half a subject").click()
    await expect(page.get_by_label("Subject")).to_have_value("Half a subject")


async def test_errors_take_the_focus_and_nothing_is_lost(site: Site, arrive: Arrive, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_bytes(b"good")
    asha = await arrive(site, ASHA)
    asha.may_say("status of 422")
    await asha.goto(NEW)
    await fill_new(asha.page, "Almost right")
    await asha.page.get_by_label("MPAN", exact=True).fill("1090000000011")
    await asha.page.get_by_label("Add attachments").set_input_files(tmp_path / "good.txt")
    await asha.page.get_by_role("button", name="Send communication").click()
    summary = asha.page.get_by_role("alert")
    await expect(summary).to_be_focused()
    await expect(asha.page).to_have_title(re.compile("^Error: "))
    await expect(asha.page.get_by_label("Subject")).to_have_value("Almost right")
    await expect(asha.page.get_by_label("Attachments kept with this draft")).to_contain_text("good.txt")
    await summary.get_by_role("link").first.click()
    await expect(asha.page.get_by_label("MPAN", exact=True)).to_be_focused()
    await asha.page.get_by_label("MPAN", exact=True).fill(MPAN)
    await asha.page.get_by_role("button", name="Send communication").click()
    await expect(asha.page.get_by_role("heading", level=1)).to_have_text("Almost right")
    await expect(asha.page.locator("#message-1")).to_contain_text("good.txt")


@BOTH_WAYS
@pytest.mark.spec("SD 11.1(g)")
async def test_a_file_that_fails_while_it_waits_with_a_draft_is_not_sent(
    site: Site, arrive: Arrive, tmp_path: Path, scripted: bool
) -> None:
    name = f"bad-{scripted}.txt"
    (tmp_path / name).write_bytes(eicar())
    reference = site.send(ASHA, f"Nothing infected arrives {scripted}")
    asha = await arrive(site, ASHA, java_script_enabled=scripted)
    asha.may_say("status of 422")
    page = asha.page
    await asha.goto(f"{LIST}/{reference}")
    await page.get_by_label("Add attachments").set_input_files(tmp_path / name)
    await page.get_by_role("button", name="Send reply").click()
    await expect(page.get_by_role("alert")).to_contain_text("Enter a message")
    await expect(page.get_by_label("Attachments kept with this draft")).to_contain_text(f"{name} 68 B, received")
    until(lambda: site.rows("SELECT 1 FROM attachment WHERE name = %s AND state = 'failed'", name), "it is checked")
    await reply_box(page).fill("Here is the file.")
    await page.get_by_role("button", name="Send reply").click()
    await expect(page.get_by_role("alert")).to_contain_text(f"{name} failed its virus check, so it cannot be sent.")
    await page.get_by_role("button", name=f"Remove {name}").click()
    await expect(page.get_by_label("Attachments kept with this draft")).to_have_count(0)
    await page.get_by_role("button", name="Send reply").click()
    await expect(page.locator("#message-2")).to_contain_text("Here is the file.")
    await expect(page.locator("#message-2")).not_to_contain_text(name)


@pytest.mark.spec("SD 11.1(a)")
async def test_back_after_a_sort_restores_the_list(site: Site, arrive: Arrive) -> None:
    asha = await arrive(site, ASHA)
    first = asha.page.locator("[data-rows] tr .subj__a").first
    await asha.goto(LIST)
    before = await first.inner_text()
    await asha.page.get_by_role("columnheader", name="Subject").get_by_role("link").click()
    await asha.page.wait_for_url("**sort=subject**")
    await expect(asha.page.get_by_role("columnheader", name="Subject")).to_have_attribute("aria-sort", "ascending")
    assert await first.inner_text() != before
    kept = await asha.page.evaluate("JSON.stringify({...sessionStorage}) + JSON.stringify({...localStorage})")
    assert "Northgrid" not in kept
    assert "<" not in kept
    await asha.page.go_back()
    await asha.page.wait_for_url(f"**{LIST}")
    await expect(first).to_have_text(before)
    await expect(asha.page.get_by_role("heading", level=1)).to_be_visible()


async def test_the_keyboard_is_enough(site: Site, arrive: Arrive) -> None:
    asha = await arrive(site, ASHA)
    page, press = asha.page, asha.page.keyboard.press
    await asha.goto(LIST)
    links = page.locator("[data-rows] [data-row-link]")
    await press("j")
    await expect(links.nth(0)).to_be_focused()
    await press("j")
    await expect(links.nth(1)).to_be_focused()
    await press("k")
    await expect(links.nth(0)).to_be_focused()
    subject = (await links.nth(0).inner_text()).removeprefix("Unread: ")
    await press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    await press("r")
    await expect(reply_box(page)).to_be_focused()
    await page.keyboard.type("junrg")  # in a field the keys are letters
    await expect(reply_box(page)).to_have_value("junrg")
    await expect(page.get_by_text(re.compile("Draft saved"))).to_be_visible()
    await page.locator("h1").focus()
    await press("u")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Active communications")
    await press("?")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    await press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await press("n")
    await page.wait_for_url(f"**{NEW}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("New communication")
    await press("g")
    await press("c")
    await page.wait_for_url(f"**{LIST}")


async def test_shortcuts_can_be_turned_off(site: Site, arrive: Arrive) -> None:
    site.rows("UPDATE person SET has_keys = false WHERE email_key = 'mo@brightwatt.example'")
    mo = await arrive(site, "mo@brightwatt.example")
    await mo.goto(LIST)
    for key in "jn?":
        await mo.page.keyboard.press(key)
    await expect(mo.page.get_by_role("dialog")).to_have_count(0)
    assert mo.page.url.endswith(LIST)
    assert await mo.page.evaluate("document.activeElement === document.body")
