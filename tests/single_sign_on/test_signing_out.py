"""Signing out at the wish of a client: asked first, and back to no address but the client's own."""

from urllib.parse import urlencode

import pytest

from tests.support.communications import told
from tests.support.oidc import GONE, code_for, exchanged, registered
from tests.support.people import Browser
from tests.support.signing_in import is_signed_in

pytestmark = pytest.mark.anyio


async def test_a_person_is_asked_and_then_goes_back(piet: Browser, asha: Browser) -> None:
    client = await registered(piet)
    token = (await exchanged(asha, client, await code_for(asha, client[0]))).json()
    words = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": GONE, "state": "s"}
    page = await asha.get(f"/oidc/logout?{urlencode(words)}")
    assert (page.status_code, "signed out of Enquiry Service" in page.text) == (200, True)
    assert await is_signed_in(asha), "a link alone signs nobody out"
    form = {"client_id": client[0], "post_logout_redirect_uri": GONE, "state": "s"}
    out = await asha.post("/oidc/logout", form)
    assert (out.status_code, out.headers["refresh"]) == (200, f"0; url={GONE}?state=s")
    assert not await is_signed_in(asha)
    header = {"Authorization": f"Bearer {token['access_token']}"}
    assert (await asha.client.get("/oidc/userinfo", headers=header)).status_code == 401


@pytest.mark.parametrize("address", [f"{GONE}/", f"{GONE}?x", "https://evil.example/", "//evil.example"])
async def test_nobody_is_sent_to_an_address_that_is_not_registered(piet: Browser, asha: Browser, address: str) -> None:
    client = await registered(piet)
    words = {"client_id": client[0], "post_logout_redirect_uri": address}
    for answer in (await asha.get(f"/oidc/logout?{urlencode(words)}"), await asha.post("/oidc/logout", words)):
        assert (answer.status_code, "refresh" in answer.headers) == (400, False)
        assert "not registered" in told(answer)[0]
    assert await is_signed_in(asha)


async def test_an_address_without_its_client_is_none(piet: Browser, asha: Browser) -> None:
    client, other = await registered(piet), await registered(piet, post_logout_uris="https://other.example/")
    token = (await exchanged(asha, client, await code_for(asha, client[0]))).json()["id_token"]
    for words in (
        {"post_logout_redirect_uri": GONE},
        {"post_logout_redirect_uri": GONE, "client_id": "nobody"},
        {"post_logout_redirect_uri": GONE, "client_id": other[0]},
        {"post_logout_redirect_uri": GONE, "id_token_hint": "not.a.token"},
        {"post_logout_redirect_uri": "https://other.example/", "client_id": other[0], "id_token_hint": token},
    ):
        assert (await asha.get(f"/oidc/logout?{urlencode(words)}")).status_code == 400


async def test_without_an_address_the_person_stays_here(asha: Browser) -> None:
    assert (await asha.get("/oidc/logout")).status_code == 200
    out = await asha.post("/oidc/logout", {})
    assert (out.status_code, "refresh" in out.headers) == (200, False)
    assert not await is_signed_in(asha)


async def test_another_site_s_form_signs_nobody_out(asha: Browser) -> None:
    assert (await asha.post("/oidc/logout", {"csrf_token": "x"})).status_code == 403
    assert await is_signed_in(asha)


async def test_whoever_is_signed_out_already_goes_on_at_once(piet: Browser, nobody: Browser) -> None:
    client = await registered(piet)
    words = {"client_id": client[0], "post_logout_redirect_uri": GONE}
    answer = await nobody.get(f"/oidc/logout?{urlencode(words)}")
    assert (answer.status_code, answer.headers["refresh"]) == (200, f"0; url={GONE}")
