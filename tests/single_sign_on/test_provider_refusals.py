"""What this service as a provider refuses, and to whom it says so."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from sdes.kit import clock, db
from sdes.single_sign_on.asking import challenge_of
from tests.support.communications import told
from tests.support.oidc import BACK, VERIFIER, asking, code_for, exchanged, registered, words_of
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "redirect_uri",
    [
        None,
        "",
        f"{BACK}/",
        f"{BACK}?more=1",
        f"{BACK}#part",
        "https://enquiry.example/signed",
        "https://enquiry.example.evil.example/signed-in",
        "https://evil.example/signed-in",
        "http://enquiry.example/signed-in",
        "https://enquiry.example@evil.example/signed-in",
        "//evil.example/signed-in",
        "/signed-in",
    ],
)
async def test_nobody_is_sent_to_an_address_that_is_not_the_client_s(
    piet: Browser, asha: Browser, redirect_uri: str | None
) -> None:
    client = await registered(piet)
    for path in (asking(client[0], redirect_uri=redirect_uri), asking(client[0], redirect_uri=redirect_uri, scope="x")):
        for address in (path, path.replace("/authorize", "/continue")):
            answer = await asha.get(address)
            assert answer.status_code == 400
            assert "location" not in answer.headers
            assert "refresh" not in answer.headers
            assert "not registered" in told(answer)[0]
    assert not await db.fetch("SELECT 1 FROM oidc_grant")


async def test_two_addresses_are_none(piet: Browser, asha: Browser) -> None:
    client = await registered(piet)
    answer = await asha.get(asking(client[0]) + "&redirect_uri=https://evil.example/")
    assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_an_unknown_or_revoked_client_is_sent_nobody(piet: Browser, asha: Browser) -> None:
    assert (await asha.get(asking("nobody-knows-it"))).status_code == 400
    client = await registered(piet)
    await piet.post(f"/sign-in-clients/{client[0]}/revocation")
    assert (await asha.get(asking(client[0]))).status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "too-short"}, "invalid_request"),
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER[:43]}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"request": "a.b.c"}, "request_not_supported"),
        ({"request_uri": "https://enquiry.example/r"}, "request_uri_not_supported"),
    ],
)
async def test_what_is_asked_wrongly_is_told_to_the_client(
    piet: Browser, asha: Browser, changes: dict[str, str | None], error: str
) -> None:
    answer = await asha.get(asking((await registered(piet))[0], **changes))
    words = words_of(answer)
    assert answer.headers["location"].startswith(f"{BACK}?")
    assert (words["error"], words["state"], "code" in words) == (error, "a state", False)
    assert not await db.fetch("SELECT 1 FROM oidc_grant")


async def refused(answer: httpx.Response, error: str = "invalid_grant", status: int = 400) -> None:
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": VERIFIER + "x"},
        {"code_verifier": challenge_of(VERIFIER)},
        {"code_verifier": None},
        {"redirect_uri": BACK + "/"},
        {"redirect_uri": None},
    ],
)
async def test_a_code_goes_with_its_verifier_and_address_and_is_used_up_by_a_wrong_one(
    piet: Browser, asha: Browser, changes: dict[str, str | None]
) -> None:
    client = await registered(piet)
    code = await code_for(asha, client[0])
    await refused(await exchanged(asha, client, code, **changes))
    await refused(await exchanged(asha, client, code))


async def test_a_code_holds_for_a_minute(piet: Browser, asha: Browser) -> None:
    client = await registered(piet)
    codes = [await code_for(asha, client[0]) for _ in range(2)]
    with clock.at(clock.now() + timedelta(seconds=55)):
        assert (await exchanged(asha, client, codes[0])).status_code == 200
    with clock.at(clock.now() + timedelta(seconds=61)):
        await refused(await exchanged(asha, client, codes[1]))


async def test_a_code_that_comes_again_ends_the_token_that_it_was_exchanged_for(piet: Browser, asha: Browser) -> None:
    client = await registered(piet)
    code = await code_for(asha, client[0])
    token = (await exchanged(asha, client, code)).json()["access_token"]
    assert (await _userinfo(asha, token)).status_code == 200
    await refused(await exchanged(asha, client, code))
    assert (await _userinfo(asha, token)).status_code == 401
    assert await db.fetch("SELECT 1 FROM audit_entry WHERE event = 'single-sign-on.code.replayed'")


async def test_a_code_is_of_no_use_to_another_client(piet: Browser, asha: Browser) -> None:
    client, other = await registered(piet), await registered(piet)
    code = await code_for(asha, client[0])
    await refused(await exchanged(asha, other, code))
    assert (await exchanged(asha, client, code)).status_code == 200, "nor does it take the code from its client"


@pytest.mark.parametrize("code", ["", "nothing like one", "é\x00"])
async def test_there_is_no_such_code(piet: Browser, asha: Browser, code: str) -> None:
    answer = await exchanged(asha, await registered(piet), code)
    assert (answer.status_code, answer.json()["error"] in ("invalid_grant", "invalid_request")) == (400, True)


async def test_a_token_is_no_code(piet: Browser, asha: Browser) -> None:
    client = await registered(piet)
    token = (await exchanged(asha, client, await code_for(asha, client[0]))).json()["access_token"]
    await refused(await exchanged(asha, client, token))


async def test_only_the_client_exchanges_its_code(piet: Browser, asha: Browser) -> None:
    client = await registered(piet)
    code = await code_for(asha, client[0])
    for auth in (None, (client[0], "wrong"), (client[0], ""), ("nobody", client[1])):
        await refused(await exchanged(asha, client, code, auth=auth), "invalid_client", 401)
    await refused(
        await exchanged(asha, client, code, auth=None, client_id=client[0], client_secret="wrong"),
        "invalid_client",
        401,
    )
    await refused(
        await exchanged(asha, client, code, client_id="another", grant_type="authorization_code"), "invalid_client", 401
    )
    assert (await exchanged(asha, client, code)).status_code == 200, "nobody else has used it up"


async def test_a_new_secret_ends_the_old_one(piet: Browser, asha: Browser) -> None:
    client = await registered(piet)
    code = await code_for(asha, client[0])
    assert (await piet.post(f"/sign-in-clients/{client[0]}/secret")).status_code == 200
    await refused(await exchanged(asha, client, code), "invalid_client", 401)


@pytest.mark.parametrize("grant_type", ["password", "client_credentials", "Refresh_Token", None])
async def test_there_is_no_other_grant(piet: Browser, asha: Browser, grant_type: str | None) -> None:
    answer = await exchanged(asha, await registered(piet), "x", grant_type=grant_type)
    await refused(answer, "unsupported_grant_type")


async def test_another_site_s_page_cannot_knock(piet: Browser, asha: Browser) -> None:
    client = await registered(piet)
    code = await code_for(asha, client[0])
    asha.client.headers["Sec-Fetch-Site"] = "cross-site"
    assert (await exchanged(asha, client, code)).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE session SET ended_at = now()",
        "UPDATE session SET last_seen_at = now() - interval '31 minutes'",
        "UPDATE session SET expires_at = now() - interval '1 minute'",
        "UPDATE person SET state = 'suspended'",
        "UPDATE person SET state = 'deleted'",
        "UPDATE oidc_client SET revoked_at = now()",
        "UPDATE oidc_grant SET token_expires_at = now() - interval '1 second'",
    ],
)
async def test_a_token_ends_with_the_session_the_account_and_the_client(
    piet: Browser, asha: Browser, change: str
) -> None:
    client = await registered(piet)
    token = (await exchanged(asha, client, await code_for(asha, client[0]))).json()["access_token"]
    assert (await _userinfo(asha, token)).status_code == 200
    late = await code_for(asha, client[0])
    await db.fetch(change)
    assert (await _userinfo(asha, token)).status_code == 401
    if "token_expires_at" not in change:
        assert (await exchanged(asha, client, late)).status_code in (400, 401)


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer x", "Basic eDp4", "Bearer é"])
async def test_without_a_token_nobody_is_told_of(asha: Browser, header: str | None) -> None:
    for method in ("GET", "POST"):
        headers: Any = {"Authorization": header.encode()} if header else {}
        answer = await asha.client.request(method, "/oidc/userinfo", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Bearer")


async def _userinfo(browser: Browser, token: str) -> httpx.Response:
    got = await browser.client.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})
    posted = await browser.client.post("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert got.status_code == posted.status_code
    return got
