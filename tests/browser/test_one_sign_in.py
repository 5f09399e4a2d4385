"""One sign-in in a real browser: from a client here and back to it, and from here to another provider and back."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from playwright.async_api import expect

from sdes.accounts.sessions import token_hash
from sdes.embedded.supervisor import web_command
from sdes.single_sign_on.asking import challenge_of
from tests.browser.conftest import Arrive
from tests.browser.sites import Site, answers, free_port, until

pytestmark = pytest.mark.anyio

VERIFIER = "a-verifier-of-forty-three-characters-or-more-"
CLIENT, SECRET = "browser-client", "a secret of the client's"


class EnquiryService(ThreadingHTTPServer):
    """A client on another site: `/` sends people to SDES, `/signed-in` says who they are."""

    def __init__(self, provider: str) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.provider = provider
        self.address = f"http://localhost:{self.server_port}"


class _Pages(BaseHTTPRequestHandler):
    server: EnquiryService

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        words = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/":
            self._redirect()
        elif parts.path == "/signed-in":
            self._say(f"<h1>Enquiry service</h1><p>{self._who(words)}</p>")
        elif parts.path == "/signed-out":
            self._say("<h1>Signed out of both</h1>")
        else:
            self.send_error(404)

    def _redirect(self) -> None:
        words = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": f"{self.server.address}/signed-in",
            "scope": "openid email",
            "state": "s",
            "nonce": "n",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        self.send_response(302)
        self.send_header("Location", f"{self.server.provider}/oidc/authorize?{urlencode(words)}")
        self.end_headers()

    def _who(self, words: dict[str, str]) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": words.get("code", ""),
            "redirect_uri": f"{self.server.address}/signed-in",
            "code_verifier": VERIFIER,
        }
        told = httpx.post(f"{self.server.provider}/oidc/token", data=form, auth=(CLIENT, SECRET), timeout=20).json()
        headers = {"Authorization": f"Bearer {told.get('access_token')}"}
        return str(httpx.get(f"{self.server.provider}/oidc/userinfo", headers=headers, timeout=20).json().get("email"))

    def _say(self, html: str) -> None:
        body = f"<!doctype html><link rel=icon href=data:,><title>Enquiry</title>{html}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def enquiry_service(site: Site) -> Iterator[EnquiryService]:
    serving = EnquiryService(site.address)
    site.rows(
        "INSERT INTO oidc_client (client_id, name, secret_hash, redirect_uris, post_logout_uris, created_at)"
        " VALUES (%s, 'Enquiry Service', %s, %s, %s, now())",
        *(CLIENT, token_hash(SECRET)),
        *([f"{serving.address}/signed-in"], [f"{serving.address}/signed-out"]),
    )
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield serving
    serving.shutdown()
    serving.server_close()
    site.rows("DELETE FROM oidc_client WHERE client_id = %s", CLIENT)


@pytest.mark.spec("SD 2.2")
@pytest.mark.parametrize("has_scripts", [True, False])
async def test_from_the_enquiry_service_here_and_back(
    site: Site, arrive: Arrive, enquiry_service: EnquiryService, has_scripts: bool
) -> None:
    """Through the sign-in form, whose Content-Security-Policy lets no form end on another site."""
    asha = await arrive(site, java_script_enabled=has_scripts)
    asha.may_say("asked a stranger: http://localhost")
    await asha.page.goto(enquiry_service.address)
    await asha.page.get_by_label("Email address").fill("asha@brightwatt.example")
    await asha.page.get_by_label("Password", exact=True).fill("four lively words together")
    await asha.page.get_by_role("button", name="Sign in", exact=True).click()
    await asha.page.wait_for_url(f"{enquiry_service.address}/signed-in?**")
    await expect(asha.page.get_by_text("asha@brightwatt.example")).to_be_visible()
    await asha.page.goto(enquiry_service.address)
    await expect(asha.page.get_by_text("asha@brightwatt.example")).to_be_visible()
    back = urlencode({"client_id": CLIENT, "post_logout_redirect_uri": f"{enquiry_service.address}/signed-out"})
    await asha.goto(f"/oidc/logout?{back}")
    await asha.page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(asha.page.get_by_role("heading", name="Signed out of both")).to_be_visible()
    assert (await asha.goto("/status")).url.startswith(f"{site.address}/sign-in")


@pytest.mark.spec("SD 2.2")
async def test_from_here_to_another_provider_and_back(site: Site, arrive: Arrive) -> None:
    """Another of this service stands in the enquiry service's place, at another site of this machine."""
    port = free_port()
    there = f"http://localhost:{port}"
    web = site.program("enquiry", web_command(port), SDES_PUBLIC_URL=there)
    web.start()
    try:
        until(lambda: answers(there), "the other one answers")
        return_address = _return_address(site)
        site.rows(
            "INSERT INTO oidc_client (client_id, name, secret_hash, redirect_uris, post_logout_uris, created_at)"
            " VALUES ('the-other', 'SDES', %s, %s, '{}', now())",
            *(token_hash(SECRET), [return_address]),
        )
        piet = await arrive(site, "piet@provider.example")
        await piet.goto("/sign-in-provider")
        await piet.page.get_by_label("Issuer").fill(there)
        await piet.page.get_by_label("Client ID").fill("the-other")
        await piet.page.get_by_label("Client secret", exact=True).fill(SECRET)
        await piet.page.get_by_role("button", name="Check and save").click()
        await expect(piet.page.get_by_text("Saved. The sign-in answered as it should.")).to_be_visible()
        mo = await arrive(site)
        mo.may_say("asked a stranger: http://localhost")
        await mo.goto("/sign-in?next=/account/display")
        await mo.page.get_by_role("link", name="Sign in with the Electricity Enquiry Service").click()
        await mo.page.wait_for_url(f"{there}/sign-in**")
        await mo.page.get_by_label("Email address").fill("mo@brightwatt.example")
        await mo.page.get_by_label("Password", exact=True).fill("four lively words together")
        await mo.page.get_by_role("button", name="Sign in", exact=True).click()
        await mo.page.wait_for_url(f"{site.address}/account/display")
        await expect(mo.page.get_by_role("heading", name="Display settings")).to_be_visible()
        await piet.page.get_by_role("button", name="Remove this sign-in").click()
        await expect(piet.page.get_by_role("button", name="Remove this sign-in")).to_have_count(0)
    finally:
        web.stop()
        site.rows("DELETE FROM identity_provider")
        site.rows("DELETE FROM oidc_client")


def _return_address(site: Site) -> str:
    """Where this site's own configuration says that people come back to."""
    told = httpx.get(f"{site.address}/.well-known/openid-configuration").json()
    assert told["issuer"] == site.address, json.dumps(told)
    return f"{site.address}/sign-in/returned"
