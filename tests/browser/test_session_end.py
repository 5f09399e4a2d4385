"""The end of a session in a real browser: it is warned of, it can be put off, and it loses no typed word."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site, until
from tests.browser.visitor import Visitor
from tests.browser.writing import reply_box

pytestmark = pytest.mark.anyio

ASHA, MO = "asha@brightwatt.example", "mo@brightwatt.example"
LEAVING_IS_ASKED = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
LIST, NEW = "/sdep/communications", "/sdep/communications/new"


def end_session(site: Site, email: str) -> None:
    """As if the person had done nothing for longer than a session lasts."""
    site.rows(
        "UPDATE session s SET last_seen_at = last_seen_at - interval '1 day' FROM person p"
        " WHERE p.id = s.person AND p.email_key = %s",
        email,
    )


@pytest.mark.spec("SD 8.1")
async def test_the_session_is_warned_of_and_can_be_kept(site: Site, arrive: Arrive) -> None:
    asha = await arrive(site, ASHA)
    await asha.page.clock.install()
    await asha.goto(LIST)
    await asha.page.clock.fast_forward("28:30")
    dialog = asha.page.get_by_role("dialog", name="Are you still there?")
    await expect(dialog).to_contain_text("You will be signed out in")
    site.rows("UPDATE session SET last_seen_at = last_seen_at - interval '29 minutes'")
    await dialog.get_by_role("button", name="Stay signed in").click()
    await expect(dialog).to_be_hidden()
    await asha.page.clock.fast_forward("27:00")
    await expect(dialog).to_be_hidden()
    site.rows("UPDATE session SET last_seen_at = last_seen_at - interval '27 minutes'")
    await asha.goto(LIST)
    await expect(asha.page.get_by_role("heading", level=1)).to_have_text("Active communications")


async def test_a_session_that_runs_out_ends_at_the_sign_in(site: Site, arrive: Arrive) -> None:
    asha = await arrive(site, ASHA)
    asha.may_say("401")  # the polls of the minutes between
    await asha.page.clock.install()
    await asha.goto(f"{LIST}?folder=archive")
    end_session(site, ASHA)
    await asha.page.clock.fast_forward("31:00")
    await expect(asha.page).to_have_url(re.compile(r"/sign-in\?next="))  # whichever of those that notice goes there
    await asha.sign_in(ASHA, asha.page.url.removeprefix(site.address))
    await expect(asha.page.get_by_role("heading", level=1)).to_have_text("Archived communications")


async def test_an_expired_session_keeps_a_reply_on_the_page(site: Site, arrive: Arrive) -> None:
    reference = site.send(ASHA, "Interrupted with script")
    asha = await arrive(site, ASHA)
    asha.may_say("status of 401")
    asha.may_say("^Response Status Error Code 401")
    await asha.goto(f"{LIST}/{reference}")
    await reply_box(asha.page).fill("Typed over lunch")
    await expect(asha.page.get_by_text(re.compile("Draft saved"))).to_be_visible()
    end_session(site, ASHA)
    await asha.page.get_by_role("button", name="Send reply").click()
    dialog = asha.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("You have been signed out")
    await expect(reply_box(asha.page)).to_have_value("Typed over lunch")

    async with asha.context.expect_page() as opening:
        await dialog.get_by_role("link", name="Sign in again").click()
    second = Visitor(asha.context, await opening.value, site)
    await second.sign_in(ASHA)
    await expect(dialog).to_be_hidden()
    await expect(asha.page.locator("#toasts")).to_contain_text("You are signed in again")
    await asha.page.get_by_role("button", name="Send reply").click()
    await expect(asha.page.locator("#message-2")).to_contain_text("Typed over lunch")


async def test_an_expired_session_keeps_the_ticks_of_the_matrix(site: Site, arrive: Arrive) -> None:
    mo = await arrive(site, MO)
    mo.may_say("status of 401")
    await mo.goto("/users/assignments?title=Crossed+Meters")
    box = mo.page.locator("td input[type=checkbox]").first
    was = await box.is_checked()
    await box.set_checked(not was)
    end_session(site, MO)
    await mo.page.get_by_role("button", name="Save changes").click()
    dialog = mo.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("You have been signed out")
    await expect(box).to_be_checked(checked=not was)
    assert await mo.page.evaluate(LEAVING_IS_ASKED), "the ticks would be lost without a question"

    await mo.context.add_cookies([{"name": "sdes", "value": site.session(MO), "url": site.address}])
    await (await mo.context.new_page()).goto(f"{site.address}/status")
    await expect(dialog).to_be_hidden()
    await mo.page.get_by_role("button", name="Save changes").click()
    await mo.page.wait_for_url("**saved=1*")
    await expect(box).to_be_checked(checked=not was)
    await box.set_checked(was)
    await mo.page.get_by_role("button", name="Save changes").click()
    await expect(mo.page.locator("[data-unsaved]")).to_have_text("No changes yet")


@pytest.mark.parametrize("is_reply", [True, False], ids=["a reply", "a new communication"])
async def test_an_expired_session_keeps_the_text_without_script(site: Site, arrive: Arrive, is_reply: bool) -> None:
    asha = await arrive(site, ASHA, java_script_enabled=False)
    if is_reply:
        await asha.goto(f"{LIST}/{site.send(ASHA, 'Interrupted without script')}")
        box, button = reply_box(asha.page), "Send reply"
    else:
        await asha.goto(NEW)
        box, button = asha.page.get_by_label("Message", exact=True), "Send communication"
    await box.fill("Typed over lunch")
    end_session(site, ASHA)
    await asha.page.get_by_role("button", name=button).click()
    await expect(asha.page.get_by_text("What you typed is kept as a draft")).to_be_visible()
    await asha.sign_in(ASHA, asha.page.url.removeprefix(site.address))
    await expect(box).to_have_value("Typed over lunch")


async def test_a_poll_of_an_ended_session_destroys_nothing(site: Site, arrive: Arrive) -> None:
    reference = site.send(ASHA, "Polled after the end", {"a.txt": b"waits"})
    until(lambda: site.states(reference) == ["clean"], "the worker is done with it")
    site.rows(
        "UPDATE attachment a SET state = 'pending', next_attempt_at = now() + interval '1 day'"
        " FROM message_attachment m JOIN communication c ON c.id = m.communication"
        " WHERE m.attachment = a.id AND c.reference = %s",
        reference,
    )
    asha = await arrive(site, ASHA)
    asha.may_say("status of 401")
    asha.may_say("^Response Status Error Code 401")
    await asha.goto(f"{LIST}/{reference}")
    await expect(asha.page.locator("[data-pending]")).to_be_visible()
    end_session(site, ASHA)
    await reply_box(asha.page).press_sequentially("Not saved yet")
    await asha.page.evaluate("document.body.dispatchEvent(new CustomEvent('sdes:poll'))")
    await expect(asha.page.get_by_role("dialog")).to_contain_text("What you typed is still on this page")
    await expect(reply_box(asha.page)).to_have_value("Not saved yet")
