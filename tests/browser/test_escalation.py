"""Escalating in a real browser, with JavaScript and without, and how its pages look."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import at, look_at
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

ASHA, NILS = "asha@brightwatt.example", "nils@northgrid.example"
WHY = "The customer moves out on Friday, and nobody has answered."


def lapse(site: Site, reference: str) -> None:
    """Lets the time to respond pass."""
    site.rows("UPDATE communication SET due_at = now() - interval '1 minute' WHERE reference = %s", reference)


@pytest.mark.spec("SD 11.1(b)iv")
@pytest.mark.spec("SD 11.1(e)")
@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])
async def test_escalating(site: Site, arrive: Arrive, scripted: bool) -> None:
    reference = site.send(ASHA, f"Escalated {'with' if scripted else 'without'} script")
    asha = await arrive(site, ASHA, java_script_enabled=scripted)
    page = asha.page
    await asha.goto(f"/sdep/communications/{reference}")
    await expect(page.get_by_role("link", name="Escalate", exact=True)).to_have_count(0)
    await expect(page.locator("#aside")).to_contain_text("Northgrid Networks has until")

    lapse(site, reference)
    await page.reload()
    await page.get_by_role("link", name="Escalate", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Escalate to level 2, "))

    asha.may_say("status of 422")
    await page.get_by_role("button", name="Escalate to level 2").click()
    await expect(page.get_by_role("alert")).to_contain_text("Say why you escalate")
    await page.get_by_label("Why you escalate").fill(WHY)
    await page.get_by_label("Add attachments").set_input_files(
        [{"name": "lease.txt", "mimeType": "text/plain", "buffer": b"until Friday"}]
    )
    await page.get_by_role("button", name="Escalate to level 2").click()
    await page.wait_for_url(re.compile(rf"/{reference}#message-2$"))
    message = page.locator("#message-2")
    await expect(message).to_contain_text("Escalated to level 2")
    await expect(message).to_contain_text(WHY)
    await expect(message).to_contain_text("lease.txt")
    await expect(page.locator("#aside")).to_contain_text("Level 2 of 3")
    await expect(page.locator("#clock")).to_contain_text(re.compile(r"\d working days left, from Northgrid Networks"))
    await expect(page.get_by_role("link", name="Escalate", exact=True)).to_have_count(0)

    nils = await arrive(site, NILS, java_script_enabled=scripted)
    await nils.goto(f"/sdep/communications/{reference}")
    await expect(nils.page.locator("#message-2")).to_contain_text(WHY)
    await expect(nils.page.locator("#clock")).to_contain_text(re.compile(r"\d working days left, from your company"))


async def test_a_colleague_was_first_and_the_reason_is_not_lost(site: Site, arrive: Arrive) -> None:
    reference = site.send(ASHA, "Two of us escalate")
    lapse(site, reference)
    asha, ben = await arrive(site, ASHA), await arrive(site, "ben@brightwatt.example")
    for visitor in (asha, ben):
        await visitor.goto(f"/sdep/communications/{reference}/escalation")
    await ben.page.get_by_label("Why you escalate").fill("Ben's reason")
    await ben.page.get_by_role("button", name="Escalate to level 2").click()
    await ben.page.wait_for_url(re.compile("#message-2$"))
    asha.may_say("status of 409")
    asha.may_say("Response Status Error Code 409")
    await asha.page.get_by_label("Why you escalate").fill("Asha's reason")
    await asha.page.get_by_role("button", name="Escalate to level 2").click()
    await expect(asha.page.locator(".toast")).to_contain_text("Ben Carter escalated it to level 2 already.")
    await expect(asha.page.get_by_label("Why you escalate")).to_have_value("Asha's reason")
    await asha.goto("/sdep/drafts")
    await asha.page.get_by_role("link", name="Two of us escalate").first.click()
    await expect(asha.page.get_by_label(re.compile("^Reply to"))).to_have_value("Asha's reason")


async def test_the_pages_of_escalation(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    waiting = site.send(ASHA, "One that waits for its answer")
    reference = site.send(ASHA, "Access to the meter cupboard was refused twice, and nobody has answered since")
    lapse(site, reference)
    here = f"/sdep/communications/{reference}"
    top, quick = (
        site.rows("SELECT reference FROM communication WHERE subject LIKE %s", words)[0]["reference"]
        for words in ("Gas reading in cubic feet%", "Meter still in prepayment%")
    )

    async def without_a_reason(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto(f"{here}/escalation")
        await visitor.page.get_by_role("button", name="Escalate to level 2").click()
        await expect(visitor.page.get_by_role("alert")).to_be_focused()

    async def escalated(visitor: Visitor) -> None:
        await visitor.goto(f"{here}/escalation")
        await visitor.page.get_by_label("Why you escalate").fill(WHY)
        await visitor.page.get_by_role("button", name="Escalate to level 2").click()
        await visitor.page.wait_for_url(re.compile("#message-2$"))

    pages = {
        "details-escalation-waits": at(f"/sdep/communications/{waiting}"),
        "details-escalation-late": at(here),
        "escalation": at(f"{here}/escalation"),
        "escalation-errors": without_a_reason,
        "escalation-refused": at(f"/sdep/communications/{waiting}/escalation", 409),
        "details-escalated": escalated,
        "details-escalation-top": at(f"/sdep/communications/{top}"),
        "details-quick": at(f"/sdep/communications/{quick}"),
    }
    await look_at(await arrive(site, ASHA), pages, pictures)
