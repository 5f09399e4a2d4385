"""An answer that is lost on its way back: whether the reply was sent is not known; it goes out once, none is lost."""

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.writing import reply_box

pytestmark = pytest.mark.anyio

ASHA = "asha@brightwatt.example"


async def test_what_is_typed_after_a_lost_answer_becomes_a_draft(site: Site, arrive: Arrive) -> None:
    reference = site.send(ASHA, "The answer is lost")
    asha = await arrive(site, ASHA)
    for said in ("ERR_FAILED", "sendError", "status of 409", "Status Error Code 409", "abort"):
        asha.may_say(said)
    page, toast = asha.page, asha.page.locator("#toasts")
    send = page.get_by_role("button", name="Send reply")
    await asha.goto(f"/sdep/communications/{reference}")

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/messages", lose, times=1)
    await reply_box(page).fill("Tuesday.")
    await send.click()
    await expect(toast).to_contain_text("It is not known whether it was sent. Sending again is safe: it goes out once.")
    await reply_box(page).fill("No, Friday.")
    await expect(page.get_by_text("Already sent. This is kept as a new draft")).to_be_visible()
    await send.click()
    await expect(toast).to_contain_text("This was sent already, as message 2.")
    await expect(reply_box(page)).to_have_value("No, Friday.")
    page.on("dialog", lambda dialog: dialog.accept())
    await page.reload()
    await expect(reply_box(page)).to_have_value("No, Friday.")
    await send.click()
    await expect(page.locator("#message-3")).to_contain_text("No, Friday.")
    await expect(page.locator("[id^=message-]")).to_have_count(3)
