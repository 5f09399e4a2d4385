"""Filling the forms of the portal as a person does, with script or without."""

import re

from playwright.async_api import Locator, Page, expect

from tests.browser.sites import MPAN


async def fill_new(page: Page, subject: str, text: str = "The text.") -> None:
    """Everything that a new communication from Brightwatt to Northgrid needs; without script in two turns."""
    await page.get_by_label("Send from").select_option("Electricity supplier, BRWT")
    await expect(page.locator(".htmx-request")).to_have_count(0)  # the fields below are drawn anew
    await page.get_by_label("Business process").select_option("Electricity Disconnection - Escalation (Electricity)")
    update = page.get_by_role("button", name="Update fields")
    if await update.is_visible():
        await update.click()
    await expect(page.get_by_label("MPAN", exact=True)).to_be_visible()
    await page.get_by_label("Send to").select_option("Northgrid Networks, Distributor (NORG)")
    await page.get_by_label("MPAN", exact=True).fill(MPAN)
    await page.get_by_label("Subject").fill(subject)
    await page.get_by_label("Message", exact=True).fill(text)


def reply_box(page: Page) -> Locator:
    return page.get_by_label(re.compile("^Reply to "))
