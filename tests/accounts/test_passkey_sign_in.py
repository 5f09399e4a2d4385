"""Signing in with a passkey: alone for both factors, or after the password; proven once for each challenge."""

import json
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar

from sdes.accounts.actions.second_step import NO_PASSKEY
from sdes.accounts.actions.sign_in import SUSPENDED
from sdes.kit import clock, db
from sdes.settings import Settings
from tests.support.authenticators import LIES, Authenticator, encoded
from tests.support.communications import count, told
from tests.support.people import Browser
from tests.support.second_factors import (
    SECURITY,
    STEP,
    challenge,
    half_way,
    keeping_who,
    passkey_sign_in,
    with_passkey,
)
from tests.support.signing_in import ASHA, browser_with, is_signed_in

pytestmark = pytest.mark.anyio

BEN = "ben@brightwatt.example"


async def test_it_signs_in_alone_with_both_factors(asha: Browser, nobody: Browser) -> None:
    device = await with_passkey(asha)
    credential = device.prove(await challenge(nobody))
    answer = await passkey_sign_in(nobody, credential, next="/sdep/drafts")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sdep/drafts")
    assert await is_signed_in(nobody)
    assert await count("session", "method = 'passkey' AND stage = 'full'") == 1
    assert await count("passkey", "sign_count = 1 AND last_used_at IS NOT NULL") == 1
    assert await count("audit_entry", "event = 'accounts.session.started' AND detail LIKE '%, passkey'") == 1


async def test_it_is_a_second_factor_after_the_password(asha: Browser, nobody: Browser) -> None:
    device = await with_passkey(asha)
    await half_way(nobody)
    text = (await nobody.get(STEP)).text
    assert 'data-passkey="get"' in text
    assert "authenticator app on your phone" not in text
    answer = await give_passkey(nobody, device)
    assert answer.status_code == 303
    assert await is_signed_in(nobody)
    assert await count("session", "method = 'password+passkey' AND stage = 'full'") == 1


async def give_passkey(browser: Browser, device: Authenticator) -> Any:
    asked = (await browser.post(f"{STEP}/challenge")).text
    assert json.loads(asked)["allowCredentials"]
    fields = {"by": "passkey", "credential": device.prove(asked)}
    return await keeping_who(browser, await browser.post(STEP, fields))


@pytest.mark.parametrize("lie", LIES)
async def test_what_proves_nothing_signs_nobody_in(asha: Browser, nobody: Browser, lie: str) -> None:
    device = await with_passkey(asha)
    await db.fetch("UPDATE passkey SET sign_count = 0")
    assert (await passkey_sign_in(nobody, device.prove(await challenge(nobody)))).status_code == 303
    nobody.client.cookies.delete(nobody.settings.cookie)
    LIES[lie](device)
    answer = await passkey_sign_in(nobody, device.prove(await challenge(nobody)))
    assert (answer.status_code, told(answer)) == (422, [NO_PASSKEY])
    assert not await is_signed_in(nobody)
    assert await count("audit_entry", "event = 'accounts.sign-in.refused' AND detail LIKE '%passkey%'") == 1


@pytest.mark.parametrize("lie", LIES)
async def test_what_proves_nothing_is_no_second_factor(asha: Browser, nobody: Browser, lie: str) -> None:
    device = await with_passkey(asha)
    device.count = 1
    await half_way(nobody)
    assert (await give_passkey(nobody, device)).status_code == 303
    await half_way(nobody)
    LIES[lie](device)
    answer = await give_passkey(nobody, device)
    assert (answer.status_code, told(answer)) == (422, [NO_PASSKEY])
    assert not await is_signed_in(nobody)
    assert await count("audit_entry", "event = 'accounts.second-factor.refused'") == 1


async def test_a_challenge_is_answered_once(asha: Browser, nobody: Browser) -> None:
    device = await with_passkey(asha)
    asked = await challenge(nobody)
    assert (await passkey_sign_in(nobody, device.prove(asked))).status_code == 303
    nobody.client.cookies.delete(nobody.settings.cookie)
    assert (await passkey_sign_in(nobody, device.prove(asked))).status_code == 422


async def test_a_wrong_answer_uses_the_challenge_up(asha: Browser, nobody: Browser) -> None:
    device = await with_passkey(asha)
    asked = await challenge(nobody)
    device.verifies = False
    assert (await passkey_sign_in(nobody, device.prove(asked))).status_code == 422
    device.verifies = True
    assert (await passkey_sign_in(nobody, device.prove(asked))).status_code == 422
    assert await count("passkey_challenge") == 0


async def test_a_challenge_is_answered_by_the_browser_that_asked(
    app: Litestar, settings: Settings, asha: Browser, nobody: Browser
) -> None:
    device = await with_passkey(asha)
    asked = await challenge(nobody)
    thief = browser_with(app, settings, "")
    thief.client.cookies.set(settings.form_cookie, "another-form-cookie")
    assert (await passkey_sign_in(thief, device.prove(asked))).status_code == 422
    assert (await passkey_sign_in(nobody, device.prove(asked))).status_code == 303


async def test_a_challenge_is_answered_within_five_minutes(asha: Browser, nobody: Browser) -> None:
    device = await with_passkey(asha)
    for minutes, status in ((4.9, 303), (5.1, 422)):
        nobody.client.cookies.delete(nobody.settings.cookie)
        asked = await challenge(nobody)
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            assert (await passkey_sign_in(nobody, device.prove(asked))).status_code == status


async def test_old_challenges_are_forgotten(nobody: Browser) -> None:
    await challenge(nobody)
    with clock.at(clock.now() + timedelta(minutes=6)):
        await challenge(nobody)
    assert await count("passkey_challenge") == 1


async def test_somebody_elses_passkey_is_no_second_factor(asha: Browser, ben: Browser, nobody: Browser) -> None:
    await with_passkey(asha)
    bens = await with_passkey(ben, Authenticator(credential_id=b"of ben"))
    await half_way(nobody)
    assert (await give_passkey(nobody, bens)).status_code == 422
    assert not await is_signed_in(nobody)
    assert await count("passkey", "last_used_at IS NOT NULL") == 0


async def test_a_suspended_person_is_told_so(asha: Browser, nobody: Browser) -> None:
    device = await with_passkey(asha)
    await db.fetch("UPDATE person SET state = 'suspended' WHERE email_key = $1", ASHA)
    answer = await passkey_sign_in(nobody, device.prove(await challenge(nobody)))
    assert (answer.status_code, told(answer)) == (422, [SUSPENDED])
    assert not await is_signed_in(nobody)
    await db.fetch("UPDATE person SET state = 'deleted' WHERE email_key = $1", ASHA)
    answer = await passkey_sign_in(nobody, device.prove(await challenge(nobody)))
    assert (answer.status_code, told(answer)) == (422, [NO_PASSKEY])


GARBAGE = [
    *("", "x", "{}", "[]", "null", '"text"', "[" * 5000, '{"rawId": 1, "response": {}}', "x" * 70000, "\x00"),
    json.dumps({"rawId": "AA", "response": {"clientDataJSON": encoded(b"not json")}}),
    json.dumps({"rawId": "AA", "response": {"clientDataJSON": encoded(b'{"challenge": 5}')}}),
    json.dumps({"rawId": "A", "response": {"clientDataJSON": encoded(b'{"challenge": "AA"}')}}),
    json.dumps({"rawId": "", "response": {"clientDataJSON": encoded(b'{"challenge": "AA"}')}}),
]


@pytest.mark.parametrize("credential", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage_is_refused_in_words(asha: Browser, nobody: Browser, credential: str) -> None:
    assert (await passkey_sign_in(nobody, credential)).status_code == 422
    assert (await asha.post(f"{SECURITY}/passkeys", {"name": "Laptop", "credential": credential})).status_code == 422
    await with_passkey(asha)
    await half_way(nobody)
    assert (await nobody.post(STEP, {"by": "passkey", "credential": credential})).status_code == 422


@pytest.mark.parametrize("part", ["authenticatorData", "signature", "userHandle", "clientDataJSON"])
async def test_half_an_answer_is_refused_in_words(asha: Browser, nobody: Browser, part: str) -> None:
    device = await with_passkey(asha)
    for broken in (b"", b"\xff" * 3, b"\x00" * 500):
        answer = json.loads(device.prove(await challenge(nobody)))
        answer["response"][part] = encoded(broken)
        if part == "userHandle" and not broken:
            continue  # some authenticators leave it out
        assert (await passkey_sign_in(nobody, json.dumps(answer))).status_code == 422


async def test_too_many_that_prove_nothing_close_the_door(asha: Browser, nobody: Browser) -> None:
    device = await with_passkey(asha)
    device.verifies = False
    for _ in range(5):
        assert (await passkey_sign_in(nobody, device.prove(await challenge(nobody)))).status_code == 422
    device.verifies = True
    assert (await passkey_sign_in(nobody, device.prove(await challenge(nobody)))).status_code == 429


async def test_challenges_are_not_given_without_end(nobody: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdes.accounts.actions.passkeys.CHALLENGES_PER_ADDRESS", 3)
    for _ in range(3):
        await challenge(nobody)
    token = {"csrf_token": (await nobody.get("/sign-in")).text.split('csrf_token" value="')[1].split('"')[0]}
    assert (await nobody.post("/sign-in/passkey/challenge", token)).status_code == 429
    assert await count("passkey_challenge") == 3


async def test_offers_that_nobody_asked_for_take_nothing_from_those_who_ask(
    nobody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdes.accounts.actions.passkeys.CHALLENGES_PER_ADDRESS", 3)
    token = {"csrf_token": (await nobody.get("/sign-in")).text.split('csrf_token" value="')[1].split('"')[0]}
    offers = [await nobody.post("/sign-in/passkey/challenge", {**token, "offer": "on"}) for _ in range(4)]
    assert [offer.status_code for offer in offers] == [200, 200, 200, 429]
    await challenge(nobody)


async def test_the_forms_prove_themselves_like_all_others(nobody: Browser) -> None:
    for path in ("/sign-in/passkey", "/sign-in/passkey/challenge"):
        assert (await nobody.post(path, {"csrf_token": None})).status_code == 403
    assert await count("passkey_challenge") == 0


async def test_it_confirms_who_sits_there(app: Litestar, settings: Settings, asha: Browser) -> None:
    device = await with_passkey(asha)
    await db.fetch("UPDATE session SET created_at = created_at - interval '1 hour'")
    assert (await asha.get(f"{SECURITY}/authenticator")).status_code == 303
    old = asha.client.cookies[settings.cookie]
    answer = await passkey_sign_in(asha, device.prove(await challenge(asha)), next=f"{SECURITY}/authenticator")
    assert answer.headers["location"] == f"{SECURITY}/authenticator"
    assert (await asha.get(f"{SECURITY}/authenticator")).status_code == 200
    assert not await is_signed_in(browser_with(app, settings, old))
