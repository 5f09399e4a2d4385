"""One's own passkeys: made at this site, named, removed, and nobody else's."""

import json

import pytest

from sdes.accounts import passkeys
from sdes.accounts.second_factor import MOST_PASSKEYS
from sdes.kit import db
from tests.support.authenticators import LIES, Authenticator, encoded
from tests.support.communications import count, told
from tests.support.people import Browser
from tests.support.second_factors import (
    SECURITY,
    add_passkey,
    challenge,
    mails,
    passkey_sign_in,
    recovery_codes,
    with_passkey,
)
from tests.support.signing_in import ASHA, is_signed_in, signing_in

pytestmark = pytest.mark.anyio

BEN = "ben@brightwatt.example"


async def test_a_passkey_is_added_and_told(asha: Browser, nobody: Browser) -> None:
    await signing_in(nobody)
    answer = await add_passkey(asha, Authenticator(), "My laptop")
    assert answer.status_code == 200
    assert len(recovery_codes(answer)) == 10
    (row,) = await db.fetch("SELECT name, sign_count, last_used_at FROM passkey")
    assert tuple(row) == ("My laptop", 0, None)
    assert await mails("second_factor_changed") == [ASHA]
    assert await count("audit_entry", "event = 'accounts.passkey.added' AND detail LIKE '%My laptop%'") == 1
    assert not await is_signed_in(nobody)
    assert "My laptop" in (await asha.get(SECURITY)).text


@pytest.mark.parametrize("lie", ["another origin", "another port", "another site", "nobody was verified"])
async def test_what_was_made_elsewhere_is_not_kept(asha: Browser, lie: str) -> None:
    device = Authenticator()
    LIES[lie](device)
    answer = await add_passkey(asha, device)
    assert (answer.status_code, len(told(answer))) == (422, 1)
    assert await count("passkey") == 0


async def test_a_challenge_to_make_one_is_no_challenge_to_prove_one(asha: Browser) -> None:
    device = await with_passkey(asha)
    asked = json.loads((await asha.post(f"{SECURITY}/passkeys/challenge")).text)
    proof = device.prove(json.dumps({"challenge": asked["challenge"], "rpId": asked["rp"]["id"]}))
    answer = await asha.post(f"{SECURITY}/passkeys", {"name": "Another", "credential": proof})
    assert answer.status_code == 422
    assert await count("passkey") == 1


async def test_what_a_browser_is_asked(asha: Browser) -> None:
    await with_passkey(asha)
    asked = json.loads((await asha.post(f"{SECURITY}/passkeys/challenge")).text)
    assert asked["rp"] == {"name": "SDES", "id": "localhost"}
    assert asked["user"]["name"] == ASHA
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert [one["id"] for one in asked["excludeCredentials"]] == [encoded(b"a passkey in software")]
    assert len(asked["challenge"]) >= 43


async def test_one_passkey_is_kept_once(asha: Browser, ben: Browser) -> None:
    device = await with_passkey(asha)
    for browser in (asha, ben):
        assert (await add_passkey(browser, device)).status_code == 422
    assert await count("passkey") == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\u0007b"])
async def test_a_bad_name_is_refused(asha: Browser, name: str) -> None:
    answer = await add_passkey(asha, Authenticator(), name)
    assert (answer.status_code, len(told(answer))) == (422, 1)
    await with_passkey(asha)
    (key,) = await db.fetch("SELECT id FROM passkey")
    answer = await asha.post(f"{SECURITY}/passkeys/{key['id']}/name", {"name": name})
    assert (answer.status_code, len(told(answer))) == (422, 1)
    assert await count("passkey", "name = 'Laptop'") == 1


async def test_a_passkey_is_renamed_and_removed(asha: Browser, nobody: Browser) -> None:
    device = await with_passkey(asha)
    (key,) = await db.fetch("SELECT id FROM passkey")
    assert (await asha.post(f"{SECURITY}/passkeys/{key['id']}/name", {"name": "Büro <b>"})).status_code == 303
    assert "Büro &lt;b&gt;" in (await asha.get(SECURITY)).text
    assert (await asha.post(f"{SECURITY}/passkeys/{key['id']}/removal")).status_code == 303
    assert await count("passkey") == await count("recovery_code") == 0
    assert await mails("second_factor_changed") == [ASHA, ASHA]
    assert await count("audit_entry", "event IN ('accounts.passkey.renamed', 'accounts.passkey.removed')") == 2
    assert (await passkey_sign_in(nobody, device.prove(await challenge(nobody)))).status_code == 422


@pytest.mark.parametrize("noun", ["name", "removal"])
async def test_a_passkey_is_its_owners_alone(asha: Browser, ben: Browser, cleo: Browser, noun: str) -> None:
    await with_passkey(asha)
    (key,) = await db.fetch("SELECT id FROM passkey")
    for browser in (ben, cleo):
        for number in (key["id"], 0, -1, 10**30):
            answer = await browser.post(f"{SECURITY}/passkeys/{number}/{noun}", {"name": "Mine now"})
            assert answer.status_code == 404
    assert await count("passkey", "name = 'Laptop'") == 1


async def test_a_person_has_so_many_and_no_more(asha: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdes.accounts.second_factor.MOST_PASSKEYS", 1)
    assert MOST_PASSKEYS >= 10
    await with_passkey(asha)
    assert (await asha.post(f"{SECURITY}/passkeys/challenge")).status_code == 409


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("http://localhost:8000", ("localhost", "http://localhost:8000")),
        ("https://SDES.example/", ("sdes.example", "https://sdes.example")),
        ("https://sdes.example:443", ("sdes.example", "https://sdes.example")),
        ("https://sdes.example:8443/x", ("sdes.example", "https://sdes.example:8443")),
    ],
)
def test_the_site_is_the_address_that_people_know(address: str, site: tuple[str, str]) -> None:
    assert passkeys.site_at(address) == passkeys.Site(*site)
