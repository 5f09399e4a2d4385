"""The pages of second factors, looked at like all others."""

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import Open, at, look_at
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

CORA = "cora@calder.example"
OF_CORA = "(SELECT id FROM person WHERE email_key = 'cora@calder.example')"
OF_CALDER = "WHERE id = (SELECT company FROM person WHERE email_key = 'cora@calder.example')"


@pytest.fixture
def clean(site: Site) -> Iterator[None]:
    """Cora has no second factor before, and none afterwards."""
    remove_all(site)
    yield
    remove_all(site)


def remove_all(site: Site) -> None:
    for table in ("passkey", "recovery_code"):
        site.rows(f"DELETE FROM {table} WHERE person = {OF_CORA}")
    site.rows(
        "UPDATE person SET totp_secret = NULL, totp_confirmed_at = NULL, password_is_single_use = false"
        " WHERE email_key = %s",
        CORA,
    )
    site.rows(f"UPDATE company SET requires_second_factor = false {OF_CALDER}")


def add_passkeys(site: Site, *names: str) -> None:
    for name in names:
        site.rows(
            "INSERT INTO passkey (company, person, name, credential_id, public_key, sign_count, created_at,"
            " last_used_at) SELECT company, id, %s, decode(md5(%s), 'hex'), '', 0, now() - interval '9 days',"
            " now() - interval '2 hours' FROM person WHERE email_key = %s",
            name, name, CORA,
        )  # fmt: skip


def in_session(site: Site, change: str) -> Open:
    """Opens the second step as after the password."""

    async def open_page(visitor: Visitor) -> None:
        site.rows(f"UPDATE session SET stage = 'second-factor' WHERE person = {OF_CORA}")
        assert (await visitor.goto(f"/sign-in/second-factor{change}")).status == 200

    return open_page


async def test_setting_up(site: Site, arrive: Arrive, pictures: Path | None, clean: None) -> None:
    async def wrong_code(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/account/security/authenticator")
        await visitor.page.get_by_role("button", name="Set up").click()
        await expect(visitor.page.get_by_role("alert")).to_be_focused()

    async def no_name(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/account/security/passkeys/new")
        await visitor.page.get_by_role("button", name="Add the passkey").click()
        await expect(visitor.page.get_by_role("alert").first).to_be_focused()

    async def codes(visitor: Visitor) -> None:
        await visitor.goto("/account/security/authenticator")
        secret = re.sub(r"\s", "", await visitor.page.locator(".qr__key").inner_text())
        await visitor.page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
        await visitor.page.get_by_role("button", name="Set up").click()
        await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Keep your recovery codes")

    async def enrolling(visitor: Visitor) -> None:
        site.rows(f"UPDATE company SET requires_second_factor = true {OF_CALDER}")
        await visitor.goto("/sdep/communications")
        await expect(visitor.page.get_by_text("Calder Home Energy asks everybody")).to_be_visible()

    pages = {
        "security-nothing": at("/account/security"),
        "security-authenticator": at("/account/security/authenticator"),
        "security-authenticator-errors": wrong_code,
        "security-passkey-new": at("/account/security/passkeys/new"),
        "security-passkey-new-errors": no_name,
        "security-enrolling": enrolling,
        "security-recovery-codes": codes,
    }
    await look_at(await arrive(site, CORA), pages, pictures)


async def test_what_is_set_up_and_asked_for(site: Site, arrive: Arrive, pictures: Path | None, clean: None) -> None:
    async def renaming(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/account/security")
        row = visitor.page.get_by_role("row", name="Phone")
        await row.locator("summary", has_text="Rename").click()
        await row.get_by_label("New name").fill("")
        await row.get_by_role("button", name="Save the name").click()
        await expect(visitor.page.get_by_role("alert")).to_be_focused()

    async def removing(visitor: Visitor) -> None:
        await visitor.goto("/account/security?done=renamed")
        for summary in await visitor.page.locator("details.sure summary").all():
            await summary.click()

    add_passkeys(site, "Phone", "A laptop with a rather long name that somebody has typed out")
    site.rows("UPDATE person SET totp_confirmed_at = now(), totp_secret = '\\x00' WHERE email_key = %s", CORA)
    site.rows(
        f"INSERT INTO recovery_code (company, person, code_hash) SELECT company, id, '\\x00' FROM person"
        f" WHERE id = {OF_CORA}"
    )
    cora = await arrive(site, CORA)
    await look_at(cora, {"security": removing, "security-renaming": renaming}, pictures)
    site.rows(f"UPDATE session SET created_at = created_at - interval '1 hour' WHERE person = {OF_CORA}")
    await look_at(cora, {"security-confirmation": at("/account/security/authenticator")}, pictures)
    asked = {
        "second-factor": in_session(site, ""),
        "second-factor-recovery": in_session(site, "?by=recovery"),
    }
    await look_at(cora, asked, pictures)
    site.rows("UPDATE person SET totp_confirmed_at = NULL WHERE email_key = %s", CORA)
    await look_at(cora, {"second-factor-passkey": in_session(site, "")}, pictures)
