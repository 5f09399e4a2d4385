"""The main job in a real browser, with JavaScript and without: send, virus check, read, download, reply, audit."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.attachments.samples import eicar, zipped
from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.visitor import Visitor
from tests.browser.writing import fill_new, reply_box

pytestmark = pytest.mark.anyio

ASHA, NILS, OTTO = "asha@brightwatt.example", "nils@northgrid.example", "otto@clearvolt.example"
TEXT = "Please disconnect this site.\n\nThe letter and the readings are with this message."
NOTE, READINGS = b"The premises are to be demolished.\n", zipped({"readings.csv": b"date,kWh\n2026-11-03,41871\n"})


@pytest.mark.spec("SD 8.4")
@pytest.mark.spec("SD 8.4(a)")
@pytest.mark.spec("SD 8.4(b)")
@pytest.mark.spec("SD 8.4(c)")
@pytest.mark.spec("SD 9.2(c)")
@pytest.mark.spec("SD 9.2(d)")
@pytest.mark.spec("SD 11.1(b)ii")
@pytest.mark.spec("SD 11.1(b)iii")
@pytest.mark.spec("SD 11.1(b)vii")
@pytest.mark.spec("SD 11.1(b)viii")
@pytest.mark.spec("SD 11.1(c)")
@pytest.mark.spec("SD 11.1(d)")
@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])
async def test_main_job(site: Site, arrive: Arrive, tmp_path: Path, scripted: bool) -> None:
    subject = f"Disconnect the depot {'with' if scripted else 'without'} script"
    asha, nils = [await arrive(site, java_script_enabled=scripted) for _ in range(2)]

    await asha.sign_in(ASHA)
    reference = await send(asha, subject, [file(tmp_path, "note.txt", NOTE), file(tmp_path, "data.zip", READINGS)])
    await every_file_passes(asha, 2, scripted)

    await nils.sign_in(NILS)
    row = nils.page.get_by_role("row").filter(has=nils.page.locator(f"#open-{reference}"))
    await expect(row).to_contain_text(f"Unread: {subject}")
    await row.get_by_role("link", name=subject).click()
    await expect(nils.page.locator("#message-1")).to_contain_text("Please disconnect this site.")
    assert await downloaded(nils.page, "Download note.txt") == NOTE
    assert await downloaded(nils.page, "Download data.zip") == READINGS
    await reply(nils, "It will be done on Friday.", file(tmp_path, "plan.txt", b"Friday, 09:00"))
    await nils.goto("/sdep/communications")
    await expect(row).not_to_contain_text("Unread")

    await asha.goto(f"/sdep/communications/{reference}")
    await expect(asha.page.locator("#message-2")).to_contain_text("It will be done on Friday.")
    await every_file_passes(asha, 3, scripted)
    await asha.page.get_by_role("link", name="Audit history").click()
    history = asha.page.locator("#audit")
    for who, what in [
        ("Asha Rahman", "Sent"),
        ("Nils Andersen", "Viewed"),
        ("Nils Andersen", "Attachment downloaded"),
        ("Nils Andersen", "Message added"),
        ("Virus check", "Virus check passed"),
    ]:
        await expect(history.get_by_role("row").filter(has_text=who).filter(has_text=what).first).to_be_visible()
    transcript = (await downloaded(asha.page, "Transcript (CSV)")).decode("utf-8-sig")
    assert any(cell == TEXT for row in csv.reader(io.StringIO(transcript)) for cell in row), transcript

    await asha.page.get_by_role("link", name="Messages").click()
    await reply(asha, "One more file.", file(tmp_path, "more.txt", eicar()))
    await failed_file_is_told(asha, reference, scripted)

    await nobody_else_finds_it(await arrive(site, java_script_enabled=scripted), site, reference, subject)


async def send(asha: Visitor, subject: str, files: list[str]) -> str:
    """Fills the form as a person would; gives the reference that the page shows."""
    page = asha.page
    await page.get_by_role("link", name="New communication").click()
    await fill_new(page, subject, TEXT)
    await page.get_by_label("Add attachments").set_input_files(files)
    await page.get_by_role("button", name="Send communication").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    reference = await page.locator("dt:text-is('Reference') + dd").inner_text()
    assert re.fullmatch(r"SC\d{8}", reference)
    return reference


async def every_file_passes(visitor: Visitor, number: int, scripted: bool) -> None:
    """Waits for the virus check of all files on the page: by itself with script, by looking again without."""
    links = visitor.page.locator(".file--clean")  # those of folded messages too
    if scripted:
        address = visitor.page.url
        await expect(links).to_have_count(number)
        assert visitor.page.url == address
        return
    for _ in range(60):
        if await links.count() == number:
            return
        await visitor.page.wait_for_timeout(250)
        await visitor.page.reload()
    await expect(links).to_have_count(number)


async def reply(visitor: Visitor, text: str, path: str) -> None:
    page = visitor.page
    await reply_box(page).fill(text)
    await page.get_by_label("Add attachments").set_input_files(path)
    await page.get_by_role("button", name="Send reply").click()
    await expect(page.locator(".msg__b").last).to_have_text(text)
    await expect(reply_box(page)).to_be_empty()


async def failed_file_is_told(asha: Visitor, reference: str, scripted: bool) -> None:
    """The infected file: its name stays, nobody can download it; its sender is told in the thread, and in the list as
    long as that has not been looked at (without script, looking is how one learns of it)."""
    page = asha.page
    failed = page.locator(".file--failed").filter(has_text="more.txt")
    for _ in range(60):
        if scripted or await failed.count():
            break
        await page.wait_for_timeout(250)
        await page.reload()
    await expect(failed).to_contain_text("Failed virus check")
    await expect(failed.get_by_role("link")).to_have_count(0)
    if scripted:
        await asha.goto("/sdep/communications")
        row = page.get_by_role("row").filter(has=page.locator(f"#open-{reference}"))
        await expect(row).to_contain_text("more.txt failed the virus check")
    await asha.goto(f"/sdep/communications/{reference}")
    await expect(page.locator(".ev").filter(has_text="more.txt failed the virus check")).to_be_visible()
    file_id = asha.site.rows("SELECT id FROM attachment WHERE name = 'more.txt' ORDER BY created_at DESC")[0]["id"]
    assert await asha.refused(f"/sdep/communications/{reference}/attachments/{file_id}") == 409
    await expect(page.locator("[data-told]")).to_have_text(
        "This file has not passed the virus check, so it cannot be downloaded."
    )


async def nobody_else_finds_it(otto: Visitor, site: Site, reference: str, subject: str) -> None:
    """Otto of another supplier: not in his list, and 404 at every address that Asha and Nils use."""
    await otto.sign_in(OTTO)
    await expect(otto.page.get_by_role("heading", level=1)).to_be_visible()
    await expect(otto.page.get_by_text(subject)).to_have_count(0)
    root = f"/sdep/communications/{reference}"
    for path in ("", "/attachments", "/audit", "/transcript.csv", "/attachments.zip", "/messages/1/files"):
        assert await otto.refused(root + path) == 404, path
    files = site.rows(
        "SELECT a.attachment AS id FROM message_attachment a JOIN communication c ON c.id = a.communication"
        " WHERE c.reference = %s",
        reference,
    )
    for row in files:
        assert await otto.refused(f"{root}/attachments/{row['id']}") == 404
    assert len(files) == 4


async def downloaded(page: Page, name: str) -> bytes:
    """What the browser saves when the link is followed."""
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name=name).click()
    return Path(await (await waiting.value).path()).read_bytes()


def file(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)
