"""The main job in a real browser, with JavaScript and without: send, virus check, read, download, reply, audit."""

import csv
import io
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.attachments.samples import eicar, zipped
from tests.browser.conftest import Arrive
from tests.browser.sites import MPAN, Site
from tests.browser.visitor import Visitor

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
    """Fills the form as a person would, without script in two turns; gives the reference that the page shows."""
    page = asha.page
    scripted = await asha.page.evaluate("1") == 1 if asha.page.url else False
    await page.get_by_role("link", name="New communication").click()
    await page.get_by_label("Send from").select_option(label="Electricity supplier, BRWT")
    await page.get_by_label("Business process").select_option(label=await offered(page, "Disconnection", "Escalation"))
    update = page.get_by_role("button", name="Update fields")
    if await update.is_visible():
        await update.click()
    assert scripted is not None
    await expect(page.get_by_label("MPAN")).to_be_visible()
    await page.get_by_label("Send to").select_option(label="Northgrid Networks, Distributor (NORG)")
    await page.get_by_label("MPAN").fill(MPAN)
    await page.get_by_label("Subject").fill(subject)
    await page.get_by_label("Message", exact=True).fill(TEXT)
    await page.get_by_label("Add attachments").set_input_files(files)
    await page.get_by_role("button", name="Send communication").click()
    await page.wait_for_url("**/sdep/communications/SC*")
    await expect(page.locator("dd.mono").first).to_have_text(page.url[-17:].split("/")[-1].split("?")[0])
    return await page.locator("dd.mono").first.inner_text()
