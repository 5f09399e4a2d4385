"""A passkey in a real browser: made, used alone and as a second factor, refused in words; and the ways without one."""

from collections.abc import AsyncIterator, Iterator
from copy import copy
from typing import Any

import pyotp
import pytest
from playwright.async_api import CDPSession, Page, expect

from sdes.embedded.supervisor import web_command
from tests.browser.conftest import Arrive
from tests.browser.sites import PASSWORD, Site, free_port
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

BEN = "ben@brightwatt.example"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def named_site(site: Site) -> Iterator[Site]:
    """The same site at an address with a name: browsers bind no passkey to a number."""
    named = copy(site)
    named.port = free_port()
    named.address = f"http://localhost:{named.port}"
    named.web = site.program("web-with-a-name", web_command(named.port), SDES_PUBLIC_URL=named.address)
    named.start_web()
    yield named
    named.web.stop()


@pytest.fixture
async def ben(named_site: Site, arrive: Arrive) -> AsyncIterator[Visitor]:
    """Ben, just signed in with his password, who has no second factor; afterwards he has none either."""
    visitor = await arrive(named_site)
    await visitor.sign_in(BEN)
    yield visitor
    of_ben = "person = (SELECT id FROM person WHERE email_key = %s)"
    for table in ("passkey", "recovery_code"):
        named_site.rows(f"DELETE FROM {table} WHERE {of_ben}", BEN)
    named_site.rows(
        "UPDATE person SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = 0 WHERE email_key = %s", BEN
    )


async def device_of(visitor: Visitor) -> tuple[CDPSession, str]:
    """Gives the browser a device that holds passkeys and knows its owner."""
    tools = await visitor.context.new_cdp_session(visitor.page)
    await tools.send("WebAuthn.enable")
    added: dict[str, Any] = await tools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return tools, added["authenticatorId"]


async def add_passkey(visitor: Visitor, name: str) -> None:
    await visitor.goto("/account/security")
    await visitor.page.get_by_role("link", name="Add a passkey").click()
    await visitor.page.get_by_label("Name of the passkey").fill(name)
    await visitor.page.get_by_role("button", name="Add the passkey").click()


async def offering_none(visitor: Visitor) -> None:
    """As in a browser that puts no passkeys among the suggestions of a field; the device of `device_of` takes each
    offer up at once."""
    await visitor.context.add_init_script("delete window.PublicKeyCredential?.isConditionalMediationAvailable")


async def sign_out(page: Page) -> None:
    await page.locator("details.menu summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_text("You have signed out.")).to_be_visible()


async def test_a_passkey_signs_in_alone_and_after_the_password(ben: Visitor) -> None:
    page = ben.page
    await offering_none(ben)
    await device_of(ben)
    await add_passkey(ben, "Work laptop")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Keep your recovery codes")
    codes = await page.get_by_role("list", name="Recovery codes").get_by_role("listitem").all_inner_texts()
    async with page.expect_download() as saving:
        await page.get_by_role("button", name="Download as text").click()
    saved = (await (await saving.value).path()).read_text()
    assert len(codes) == 10
    assert all(code in saved for code in codes)
    await page.get_by_role("link", name="I have kept them").click()
    await expect(page.get_by_role("table", name="Your passkeys")).to_contain_text("Work laptop")

    await sign_out(page)
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Active communications")
    await expect(page.locator("details.menu")).to_contain_text("Ben Carter")

    await sign_out(page)
    await page.get_by_label("Email address").fill(BEN)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    await page.get_by_role("button", name="Use a passkey").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Active communications")


async def test_the_sign_in_page_offers_passkeys_among_the_suggestions(ben: Visitor) -> None:
    page = ben.page
    tools, device = await device_of(ben)
    await add_passkey(ben, "Work laptop")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Keep your recovery codes")

    await page.locator("details.menu summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Active communications")  # nothing was pressed
    await expect(page.locator("details.menu")).to_contain_text("Ben Carter")

    touched = {"authenticatorId": device, "enabled": False}
    await tools.send("WebAuthn.setAutomaticPresenceSimulation", touched)
    async with page.expect_response("**/sign-in/passkey/challenge"):
        await sign_out(page)
    assert await page.get_by_label("Email address").get_attribute("autocomplete") == "username webauthn"
    await tools.send("WebAuthn.setAutomaticPresenceSimulation", touched | {"enabled": True})
    await page.get_by_role(
        "button", name="Sign in with a passkey"
    ).click()  # one question at a time: the offer gives way
    await expect(page.get_by_role("heading", level=1)).to_have_text("Active communications")


async def test_what_a_device_refuses_is_said_in_words(ben: Visitor) -> None:
    page = ben.page
    await offering_none(ben)
    tools, device = await device_of(ben)
    await add_passkey(ben, "Work laptop")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Keep your recovery codes")
    await add_passkey(ben, "The same laptop")
    await expect(page.get_by_role("alert")).to_contain_text("holds a passkey for your account already")

    await sign_out(page)
    await tools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    button = page.get_by_role("button", name="Sign in with a passkey")
    await button.click()
    await expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
    await expect(button).to_be_enabled()

    await page.context.set_offline(True)
    ben.may_say("ERR_INTERNET_DISCONNECTED")
    await button.click()
    await expect(page.get_by_role("alert")).to_contain_text("No connection to the service")
    await page.context.set_offline(False)

    await page.context.clear_cookies()
    ben.may_say("status of 403")
    await button.click()
    await expect(page.get_by_role("alert")).to_contain_text("The form did not come with its security token")


async def test_an_app_and_its_codes_need_no_script(named_site: Site, ben: Visitor, arrive: Arrive) -> None:
    plain = await arrive(named_site, java_script_enabled=False)
    page = plain.page
    await plain.sign_in(BEN)
    await plain.goto("/account/security/passkeys/new")
    await expect(page.get_by_text("This browser cannot make passkeys")).to_be_visible()
    await expect(page.get_by_role("button", name="Add the passkey")).to_be_hidden()
    await plain.goto("/account/security/authenticator")
    secret = pyotp.TOTP((await page.locator(".qr__key").inner_text()).replace(" ", ""))
    await page.get_by_label("Code", exact=True).fill(secret.now())
    await page.get_by_role("button", name="Set up").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Keep your recovery codes")
    codes = await page.get_by_role("list", name="Recovery codes").get_by_role("listitem").all_inner_texts()

    await plain.goto("/sign-in")  # signed in already
    await plain.context.clear_cookies()
    await plain.goto("/sign-in")
    await expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    await page.get_by_label("Email address").fill(BEN)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_role("link", name="Use a recovery code").click()
    await page.get_by_label("Recovery code").fill(codes[0])
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Active communications")
