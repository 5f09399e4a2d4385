"""This service as a provider: a client sends somebody here, gets a code, and is told who they are."""

from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from sdes.accounts.tables import SessionStage
from sdes.kit import clock, db
from tests.support.oidc import BACK, asking, code_for, exchanged, registered, words_of
from tests.support.people import Browser
from tests.support.signing_in import signing_in

pytestmark = pytest.mark.anyio


async def told(browser: Browser, client: tuple[str, str], **changes: str) -> dict[str, Any]:
    """What a client is told of the person in the browser."""
    answer = await exchanged(browser, client, await code_for(browser, client[0], **changes))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def claims_in(browser: Browser, answer: dict[str, Any]) -> dict[str, Any]:
    keys = KeySet.import_key_set((await browser.get("/oidc/jwks")).json())
    return dict(jwt.decode(answer["id_token"], keys, algorithms=["RS256"]).claims)


@pytest.mark.spec("SD 2.2")
async def test_one_sign_in_serves_the_enquiry_service_too(piet: Browser, asha: Browser) -> None:
    client = await registered(piet)
    back = await asha.get(asking(client[0]))
    assert back.headers["location"].startswith(f"{BACK}?")
    words = words_of(back)
    assert (words["state"], words["iss"]) == ("a state", "http://localhost:8000")
    answer = await exchanged(asha, client, words["code"])
    assert (answer.headers["cache-control"], answer.json()["token_type"]) == ("no-store", "Bearer")
    claims = await claims_in(asha, answer.json())
    now, me = clock.now().timestamp(), await asha.actor()
    assert (claims["iss"], claims["aud"], claims["nonce"]) == ("http://localhost:8000", client[0], "a nonce")
    assert (claims["email"], claims["name"]) == ("asha@brightwatt.example", "Asha Rahman")
    assert claims["sub"] == f"person-{me.person_id}"
    assert 0 < claims["exp"] - now <= 600
    assert abs(claims["auth_time"] - now) < 60
    assert claims["amr"] == ["pwd"]
    told_again = await asha.client.get(
        "/oidc/userinfo", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}
    )
    assert told_again.json()["sub"] == claims["sub"]
    assert told_again.json()["market_participants"] == [{"mpid": "BWG", "role": "G"}, {"mpid": "BRWT", "role": "X"}]
    (entry,) = await db.fetch("SELECT * FROM audit_entry WHERE event = 'single-sign-on.grant.given'")
    assert (entry["about_company"], entry["detail"]) == (me.company_id, "Asha Rahman: signed in to Enquiry Service")


@pytest.mark.spec("SD 2.4")
@pytest.mark.parametrize(("email", "is_mau"), [("mo@brightwatt.example", True), ("ben@brightwatt.example", False)])
async def test_the_enquiry_service_is_told_who_the_mau_is(
    sign_in: Any, piet: Browser, email: str, is_mau: bool
) -> None:
    person = await sign_in(email)
    claims = await claims_in(person, await told(person, await registered(piet)))
    assert (claims["master_admin_user"], claims["company_name"]) == (is_mau, "Brightwatt Energy")


async def test_scopes_open_their_claims_and_no_others(piet: Browser, asha: Browser) -> None:
    claims = await claims_in(asha, await told(asha, await registered(piet), scope="openid something"))
    assert not {"email", "name", "company_id", "master_admin_user"} & claims.keys()


async def test_nobody_signs_in_first_and_then_goes_on(piet: Browser, nobody: Browser) -> None:
    client = await registered(piet)
    first = await nobody.get(asking(client[0], prompt="login"))
    assert first.headers["location"].startswith("/sign-in?next=")
    signed_in = await signing_in(nobody, next=words_of(first)["next"])
    between = await nobody.get(signed_in.headers["location"])
    assert between.status_code == 200
    assert between.headers["refresh"] == f"0; url={asking(client[0])}"
    assert "code" in words_of(await nobody.get(asking(client[0])))


async def test_without_asking_nobody_is_signed_in(piet: Browser, nobody: Browser) -> None:
    client = await registered(piet)
    words = words_of(await nobody.get(asking(client[0], prompt="none")))
    assert (words["error"], words["state"], "code" in words) == ("login_required", "a state", False)


async def test_without_asking_whoever_is_signed_in_is_told_of(piet: Browser, asha: Browser) -> None:
    assert await code_for(asha, (await registered(piet))[0], prompt="none")


@pytest.mark.parametrize(
    ("change", "way_on"),
    [
        (f"UPDATE session SET stage = '{SessionStage.SECOND_FACTOR}'", "/sign-in/second-factor"),
        ("UPDATE person SET password_is_single_use = true", "/new-password"),
        ("UPDATE company SET requires_second_factor = true", "/account/security"),
    ],
)
async def test_whoever_has_not_finished_signing_in_does_so_first(
    piet: Browser, asha: Browser, change: str, way_on: str
) -> None:
    client = await registered(piet)
    await db.fetch(change)
    answer = await asha.get(asking(client[0]))
    assert answer.headers["location"].startswith(f"{way_on}?next=%2Foidc%2Fcontinue")
    words = words_of(await asha.get(asking(client[0], prompt="none")))
    assert (words["error"], "code" in words) == ("interaction_required", False)
    assert not await db.fetch("SELECT 1 FROM oidc_grant")


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "60"}])
async def test_a_client_may_have_somebody_sign_in_again(piet: Browser, asha: Browser, asked: dict[str, str]) -> None:
    client = await registered(piet)
    with clock.at(clock.now() + timedelta(minutes=10)):
        page = await asha.get(asking(client[0], **asked))
        assert (page.status_code, "Enquiry Service asks you to sign in again" in page.text) == (200, True)
        assert await asha.get("/status")
        out = await asha.post("/oidc/again", {"next": "/oidc/continue?client_id=x"})
        assert out.headers["location"] == "/sign-in?next=%2Foidc%2Fcontinue%3Fclient_id%3Dx"
        assert (await asha.get("/status")).status_code == 303
    assert not await db.fetch("SELECT 1 FROM oidc_grant")


async def test_a_max_age_of_nothing_is_asked_once(piet: Browser, nobody: Browser) -> None:
    first = await nobody.get(asking((await registered(piet))[0], max_age="0"))
    signed_in = await signing_in(nobody, next=words_of(first)["next"])
    between = await nobody.get(signed_in.headers["location"])
    assert "code" in words_of(await nobody.get(between.headers["refresh"].partition("url=")[2]))


async def test_somebody_who_signed_in_just_now_need_not_do_so_again(piet: Browser, asha: Browser) -> None:
    assert await code_for(asha, (await registered(piet))[0], max_age="60")


async def test_the_secret_may_come_in_the_form(piet: Browser, asha: Browser) -> None:
    client = await registered(piet)
    code = await code_for(asha, client[0])
    answer = await exchanged(asha, client, code, auth=None, client_id=client[0], client_secret=client[1])
    assert answer.status_code == 200


async def test_what_it_says_of_itself(nobody: Browser) -> None:
    told_of_itself = (await nobody.get("/.well-known/openid-configuration")).json()
    assert told_of_itself["issuer"] == "http://localhost:8000"
    assert told_of_itself["code_challenge_methods_supported"] == ["S256"]
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"):
        assert told_of_itself[name].startswith("http://localhost:8000/oidc/")
    keys = (await nobody.get("/oidc/jwks")).json()["keys"]
    assert [(key["kty"], key["alg"], "d" in key) for key in keys] == [("RSA", "RS256", False)]
    assert (await nobody.get("/oidc/jwks")).json()["keys"] == keys


async def test_no_other_site_s_script_reads_what_it_says(piet: Browser, asha: Browser) -> None:
    client = await registered(piet)
    for path in ("/.well-known/openid-configuration", "/oidc/jwks", asking(client[0])):
        answer = await asha.get(path, headers={"Origin": "https://enquiry.example"})
        assert not [name for name in answer.headers if name.startswith("access-control")]
