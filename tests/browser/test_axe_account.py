"""The pages of one's own account and of the links that come by e-mail: as `test_axe.py` looks at all others."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site, until
from tests.browser.test_axe import Open, at, look_at
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

NORA = "nora@northgrid.example"


def link_in_mail(site: Site, to: str, start: str) -> str:
    """The path of a link in a mail of the demo, once it is there."""

    def found() -> list[str]:
        texts = site.rows("SELECT text FROM demo_mail WHERE to_address = %s ORDER BY id DESC", to)
        return [match[0] for row in texts if (match := re.search(rf"{start}\S+", row["text"]))]

    until(lambda: bool(found()), f"a mail with {start} comes")
    return found()[0]


async def test_links_and_forgotten_passwords(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    def asked(email: str, told: str) -> Open:
        async def open_page(visitor: Visitor) -> None:
            visitor.may_say("status of 422")
            await visitor.goto("/forgotten-password")
            await visitor.page.get_by_label("Email address").fill(email)
            await visitor.page.get_by_role("button", name="Send the link").click()
            await expect(visitor.page.get_by_text(told).first).to_be_visible()

        return open_page

    async def reset(visitor: Visitor) -> None:
        await visitor.goto(link_in_mail(site, NORA, "/reset-password/"))

    async def reset_badly(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await reset(visitor)
        await visitor.page.get_by_label("New password", exact=True).fill("Summer2026!!!!")
        await visitor.page.get_by_role("button", name="Save the new password").click()
        await expect(visitor.page.get_by_role("alert")).to_be_visible()

    pages = {
        "forgotten": at("/forgotten-password"),
        "forgotten-errors": asked("", "Enter your e-mail address"),
        "forgotten-sent": asked(NORA, "a mail with a link is on its way"),
        "reset": reset,
        "reset-errors": reset_badly,
        "reset-over": at("/reset-password/used-already", 404),
        "verify-over": at("/verify-address/used-already", 404),
    }
    await look_at(await arrive(site), pages, pictures)


async def test_own_account(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    site.rows("UPDATE person SET email_verified_at = NULL WHERE email_key = %s", NORA)
    site.session(NORA)

    async def sent(visitor: Visitor) -> None:
        await visitor.goto("/account/address")
        await visitor.page.get_by_role("button", name="Send me the link").click()
        await expect(visitor.page.get_by_text("We have sent a link")).to_be_visible()

    async def verify(visitor: Visitor) -> None:
        await visitor.goto(link_in_mail(site, NORA, "/verify-address/"))

    async def verified(visitor: Visitor) -> None:
        await verify(visitor)
        await visitor.page.get_by_role("button", name="This is my address").click()
        await expect(visitor.page.get_by_text("Your e-mail address is verified")).to_be_visible()

    site.rows(
        "INSERT INTO oidc_client (client_id, name, secret_hash, redirect_uris, post_logout_uris, created_at)"
        " VALUES ('looked-at', 'Electricity Enquiry Service', '', '{}', '{}', now()) ON CONFLICT DO NOTHING"
    )
    site.rows(
        "INSERT INTO oidc_grant (company, person, session, client, code_hash, redirect_uri, scope, code_challenge,"
        " auth_time, expires_at, used_at, offline_until) SELECT s.company, s.person, s.id, c.id, s.token_hash, '',"
        " 'openid offline_access', '', now(), now(), now(), now() + interval '7 days' FROM session s, oidc_client c"
        " WHERE s.person = (SELECT id FROM person WHERE email_key = %s) AND c.client_id = 'looked-at'",
        NORA,
    )
    pages = {
        "sessions": at("/account/sessions"),
        "address": at("/account/address"),
        "address-sent": sent,
        "verify": verify,
        "verified": verified,
        "address-verified": at("/account/address"),
    }
    await look_at(await arrive(site, NORA), pages, pictures)
    site.rows("DELETE FROM oidc_client WHERE client_id = 'looked-at'")
