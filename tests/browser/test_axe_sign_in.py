"""The pages of the one sign-in: no fault that axe knows, in both widths and both colours."""

from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import at, look_at
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

LONG = "https://a-rather-long-name-of-a-host.enquiry.example/signed-in/and/then/some/more?of=it&and=more"
CLIENT = {
    "response_type": "code",
    "client_id": "axe-client",
    "redirect_uri": LONG,
    "scope": "openid",
    "code_challenge": "x" * 43,
    "code_challenge_method": "S256",
}


async def test_pages_of_the_provider(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    async def errors(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/sign-in-clients/new")
        await visitor.page.get_by_role("button", name="Add and show the secret").click()
        await expect(visitor.page.get_by_role("alert")).to_be_visible()

    async def secret(visitor: Visitor) -> None:
        await visitor.goto("/sign-in-clients/new")
        await visitor.page.get_by_label("Name").fill("Electricity Enquiry Service")
        await visitor.page.get_by_label("Addresses that people are sent back to").fill(LONG)
        await visitor.page.get_by_role("button", name="Add and show the secret").click()
        await expect(visitor.page.get_by_role("heading", name="Secret of")).to_be_visible()

    async def provider_errors(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/sign-in-provider")
        await visitor.page.get_by_role("button", name="Check and save").click()
        await expect(visitor.page.get_by_role("alert")).to_be_visible()

    pages = {
        "sign-in-clients-none": at("/sign-in-clients"),
        "sign-in-client-errors": errors,
        "sign-in-client-secret": secret,
        "sign-in-clients": at("/sign-in-clients"),
        "sign-in-provider": at("/sign-in-provider"),
        "sign-in-provider-errors": provider_errors,
        "companies-sign-ins-none": at("/sign-in-providers"),
    }
    piet = await arrive(site, "piet@provider.example")
    await look_at(piet, pages, pictures)
    client = site.rows("SELECT client_id FROM oidc_client")[0]["client_id"]
    site.rows(
        "INSERT INTO identity_provider (company, name, issuer, client_id, client_secret, email_domains,"
        " is_enquiry_service, is_enabled, created_at) SELECT id, 'Directory of ' || name,"
        " 'https://a-rather-long-name-of-a-host.brightwatt.example/' || repeat('tenant', 12), 'x', '',"
        " '{brightwatt.example,a-rather-long-name-of-a-domain.brightwatt.example}', false, id = 1, now()"
        " FROM company ORDER BY id LIMIT 2"
    )
    pages = {
        "companies-sign-ins": at("/sign-in-providers"),
        "sign-in-client": at(f"/sign-in-clients/{client}"),
        "sign-in-client-revocation": at(f"/sign-in-clients/{client}/revocation"),
    }
    await look_at(piet, pages, pictures)
    site.rows("DELETE FROM oidc_client")
    site.rows("DELETE FROM identity_provider")


async def test_pages_of_a_person(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    _client(site)
    pages = {
        "sign-in-again": at(f"/oidc/authorize?{urlencode({**CLIENT, 'prompt': 'login'})}"),
        "sign-in-not-registered": at("/oidc/authorize?client_id=x", 400),
        "sign-out-of-both": at(f"/oidc/logout?{urlencode({'client_id': 'axe-client'})}"),
    }
    await look_at(await arrive(site, "ben@brightwatt.example"), pages, pictures)
    await look_at(await arrive(site, "mo@brightwatt.example"), {"own-sign-in": at("/users/sign-in-provider")}, pictures)
    site.rows("DELETE FROM oidc_client")


async def test_pages_of_nobody(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    _client(site)
    site.rows(
        "INSERT INTO identity_provider (company, name, issuer, client_id, client_secret, email_domains,"
        " is_enquiry_service, is_enabled, created_at) VALUES"
        " (NULL, 'the Electricity Enquiry Service', 'http://127.0.0.1:9', 'x', '', '{}', true, true, now()),"
        " ((SELECT min(id) FROM company), 'Directory', 'http://127.0.0.1:9', 'x', '', '{x.example}', false, true,"
        " now())"
    )
    row = site.rows("SELECT id FROM identity_provider WHERE company IS NULL")[0]["id"]

    async def unknown(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/sign-in/elsewhere")
        await visitor.page.get_by_role("button", name="Continue").click()
        await expect(visitor.page.get_by_role("alert")).to_be_visible()

    async def going_on(visitor: Visitor) -> None:
        path = f"/oidc/continue?{urlencode(CLIENT)}"

        async def stay(route: object) -> None:
            answer = await route.fetch()  # type: ignore[attr-defined]
            headers = {name: value for name, value in answer.headers.items() if name != "refresh"}
            await route.fulfill(response=answer, headers=headers)  # type: ignore[attr-defined]

        await visitor.page.route("**/oidc/continue**", stay)
        await visitor.goto(path)
        await expect(visitor.page.get_by_role("link", name="Go on to Enquiry")).to_be_visible()

    pages = {
        "sign-in-ways": at("/sign-in"),
        "sign-in-elsewhere": at("/sign-in/elsewhere"),
        "sign-in-elsewhere-errors": unknown,
        "sign-in-no-answer": at(f"/sign-in/with?provider={row}", 503),
        "sign-in-too-old": at("/sign-in/returned", 400),
        "sign-in-going-on": going_on,
        "signed-out": at("/oidc/logout"),
    }
    await look_at(await arrive(site), pages, pictures)
    site.rows("DELETE FROM identity_provider")
    site.rows("DELETE FROM oidc_client")


def _client(site: Site) -> None:
    site.rows(
        "INSERT INTO oidc_client (client_id, name, secret_hash, redirect_uris, post_logout_uris, created_at)"
        " VALUES ('axe-client', 'Enquiry Service', '', %s, '{}', now())",
        [LONG],
    )
