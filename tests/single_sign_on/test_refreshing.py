"""A client that asked for offline access is told of a person anew, by refresh tokens that are each used once."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from sdes.accounts.sessions import token_hash
from sdes.kit import clock, db
from sdes.single_sign_on.actions.granting import OFFLINE_LASTS
from tests.support.oidc import code_for, exchanged, registered
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

Client = tuple[str, str]
OFFLINE = "openid email offline_access"


@pytest.fixture
async def client(piet: Browser) -> Client:
    return await registered(piet)


async def told(asha: Browser, client: Client, scope: str = OFFLINE) -> dict[str, Any]:
    answer = await exchanged(asha, client, await code_for(asha, client[0], scope=scope))
    return dict(answer.json())


async def refreshed(browser: Browser, client: Client, token: str, **words: str) -> httpx.Response:
    words = {"grant_type": "refresh_token", "refresh_token": token, **words}
    return await browser.client.post("/oidc/token", data=words, auth=client)


async def userinfo(browser: Browser, token: str) -> int:
    answer = await browser.client.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


@pytest.mark.spec("SD 2.2")
async def test_after_the_session_has_timed_out_the_client_is_told_anew(client: Client, asha: Browser) -> None:
    first = await told(asha, client)
    with clock.at(clock.now() + timedelta(days=2)):
        assert (await asha.get("/status")).status_code == 303, "the session has not timed out"
        await db.fetch("UPDATE person SET email = 'asha.new@brightwatt.example' WHERE name = 'Asha Rahman'")
        answer = (await refreshed(asha, client, first["refresh_token"])).json()
        keys = KeySet.import_key_set((await asha.get("/oidc/jwks")).json())
        before, after = (jwt.decode(one["id_token"], keys, algorithms=["RS256"]).claims for one in (first, answer))
        assert after["email"] == "asha.new@brightwatt.example"
        for same in ("iss", "sub", "aud", "auth_time"):
            assert after[same] == before[same]
        assert "nonce" not in after
        assert (await userinfo(asha, answer["access_token"]), await userinfo(asha, first["access_token"])) == (200, 401)
        assert (await refreshed(asha, client, answer["refresh_token"])).status_code == 200
    assert answer["refresh_token"] != first["refresh_token"]


async def test_without_offline_access_there_is_no_refresh_token(client: Client, asha: Browser) -> None:
    assert "refresh_token" not in await told(asha, client, "openid email")
    assert not await db.fetch("SELECT 1 FROM oidc_refresh_token")


async def test_one_that_comes_again_ends_all_that_came_of_it(client: Client, asha: Browser) -> None:
    first = await told(asha, client)
    second = (await refreshed(asha, client, first["refresh_token"])).json()
    answer = await refreshed(asha, client, first["refresh_token"])
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})
    assert (await refreshed(asha, client, second["refresh_token"])).status_code == 400
    assert await userinfo(asha, second["access_token"]) == 401
    await refreshed(asha, client, first["refresh_token"])
    (entry,) = await db.fetch("SELECT * FROM audit_entry WHERE event = 'single-sign-on.refresh-token.replayed'")
    assert entry["about_company"] == (await asha.actor()).company_id


async def test_it_is_its_client_s_alone(client: Client, asha: Browser, piet: Browser) -> None:
    first = await told(asha, client)
    other = await registered(piet)
    assert (await refreshed(asha, other, first["refresh_token"])).status_code == 400
    assert (await refreshed(asha, (client[0], "wrong"), first["refresh_token"])).status_code == 401
    assert (await refreshed(asha, client, first["refresh_token"])).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "\u0000", "é" * 2000])
async def test_what_is_no_refresh_token_gets_nothing(client: Client, asha: Browser, token: str) -> None:
    first = await told(asha, client)
    answer = await refreshed(asha, client, token)
    assert (answer.status_code, "access_token" in answer.json()) == (400, False)
    assert (await refreshed(asha, client, first["access_token"])).status_code == 400


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE session SET ended_at = now()",
        "UPDATE person SET password_hash = 'another' WHERE name = 'Asha Rahman'",
        "UPDATE person SET state = 'suspended' WHERE name = 'Asha Rahman'",
        "UPDATE oidc_client SET revoked_at = now()",
    ],
    ids=["signed out", "another password", "suspended", "the service revoked"],
)
async def test_it_ends_with_what_it_came_of(client: Client, asha: Browser, end: str) -> None:
    first = await told(asha, client)
    await db.fetch(end)
    assert (await refreshed(asha, client, first["refresh_token"])).status_code in (400, 401)
    assert await userinfo(asha, first["access_token"]) == 401


async def test_signing_out_all_browsers_ends_it_though_the_session_had_timed_out(
    client: Client, asha: Browser, sign_in: Any
) -> None:
    first = await told(asha, client)
    with clock.at(clock.now() + timedelta(days=1)):
        again = await sign_in("asha@brightwatt.example")
        await again.post("/account/other-sessions/closure")
        assert (await refreshed(asha, client, first["refresh_token"])).status_code == 400


async def test_it_ends_a_week_after_the_sign_in_however_often_it_was_used(client: Client, asha: Browser) -> None:
    token, begun = (await told(asha, client))["refresh_token"], clock.now()
    for days in (2, 4, 6):
        with clock.at(begun + timedelta(days=days)):
            token = (await refreshed(asha, client, token)).json()["refresh_token"]
    with clock.at(begun + OFFLINE_LASTS):
        assert (await refreshed(asha, client, token)).status_code == 400


async def test_only_its_hash_is_kept(client: Client, asha: Browser) -> None:
    token = (await told(asha, client))["refresh_token"]
    assert [row["token_hash"] for row in await db.fetch("SELECT token_hash FROM oidc_refresh_token")] == [
        token_hash(token)
    ]
