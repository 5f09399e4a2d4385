"""The provider's pages of the services that sign in with SDES, and the keys that they check our word by."""

from datetime import timedelta

import pytest
from joserfc.jwk import RSAKey

from sdes.kit import clock, db
from sdes.single_sign_on.actions.keys import own_claims, public_keys, rotate, signed, signing_key
from tests.support.communications import told
from tests.support.oidc import BACK, GONE, registered
from tests.support.people import Browser
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

GET, POST = "GET", "POST"


async def test_a_client_is_added_changed_given_a_new_secret_and_revoked(piet: Browser) -> None:
    client_id, secret = await registered(piet)
    assert "Enquiry Service" in (await piet.get("/sign-in-clients")).text
    form = await piet.get(f"/sign-in-clients/{client_id}")
    assert BACK in form.text
    words = {"name": "Other name", "redirect_uris": f"{BACK}/2\r\n\r\nhttp://localhost:9000/back"}
    assert (await piet.post(f"/sign-in-clients/{client_id}", words)).status_code == 303
    (row,) = await db.fetch("SELECT * FROM oidc_client")
    assert (row["name"], row["redirect_uris"]) == ("Other name", [f"{BACK}/2", "http://localhost:9000/back"])
    renewed = await piet.post(f"/sign-in-clients/{client_id}/secret")
    assert secret not in renewed.text
    assert (await piet.get(f"/sign-in-clients/{client_id}/revocation")).status_code == 200
    assert (await piet.post(f"/sign-in-clients/{client_id}/revocation")).status_code == 303
    again = await piet.post(f"/sign-in-clients/{client_id}/revocation")
    assert (again.status_code, "was revoked" in told(again)[0]) == (409, True)
    events = [row["event"] for row in await db.fetch("SELECT event, detail FROM audit_entry ORDER BY id")]
    assert events == [f"single-sign-on.client.{deed}" for deed in ("added", "changed", "given-secret", "revoked")]


async def test_a_secret_is_shown_once_and_kept_as_a_hash(piet: Browser) -> None:
    client_id, secret = await registered(piet)
    assert len(secret) >= 43
    for path in ("/sign-in-clients", f"/sign-in-clients/{client_id}"):
        assert secret not in (await piet.get(path)).text
    (row,) = await db.fetch("SELECT to_jsonb(c)::text AS client FROM oidc_client c")
    (entry,) = await db.fetch("SELECT detail FROM audit_entry")
    assert secret not in row["client"] + entry["detail"]
    assert secret.encode().hex() not in row["client"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("redirect_uris", ""),
        ("redirect_uris", "http://enquiry.example/back"),
        ("redirect_uris", "https://*.enquiry.example/back"),
        ("redirect_uris", "https://enquiry.example/back#part"),
        ("redirect_uris", "https://enquiry.example@evil.example/"),
        ("redirect_uris", "javascript:alert(1)"),
        ("redirect_uris", "//enquiry.example"),
        ("redirect_uris", "/back"),
        ("redirect_uris", "\n".join(f"https://enquiry.example/{n}" for n in range(11))),
        ("post_logout_uris", "ftp://enquiry.example"),
    ],
)
async def test_a_bad_form_comes_back_as_it_was_typed(piet: Browser, field: str, value: str) -> None:
    words = {"name": "Typed name", "redirect_uris": BACK, "post_logout_uris": GONE, field: value}
    answer = await piet.post("/sign-in-clients", words)
    assert (answer.status_code, len(told(answer))) == (422, 1)
    assert f'id="{field}-error"' in answer.text
    assert GONE in answer.text or field == "post_logout_uris"
    assert not await db.fetch("SELECT 1 FROM oidc_client")


DOORS = [
    (GET, "/sign-in-clients"),
    (POST, "/sign-in-clients"),
    (GET, "/sign-in-clients/new"),
    (GET, "/sign-in-clients/{}"),
    (POST, "/sign-in-clients/{}"),
    (POST, "/sign-in-clients/{}/secret"),
    (GET, "/sign-in-clients/{}/revocation"),
    (POST, "/sign-in-clients/{}/revocation"),
]


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_nobody_but_the_provider_opens_these_doors(
    piet: Browser, asha: Browser, carys: Browser, method: str, path: str
) -> None:
    path = path.format((await registered(piet))[0])
    for stranger in (asha, carys):
        answer = await (stranger.get(path) if method == GET else stranger.post(path))
        assert answer.status_code == 403
    (row,) = await db.fetch("SELECT revoked_at FROM oidc_client")
    assert row["revoked_at"] is None


@pytest.mark.parametrize(("method", "path"), [door for door in DOORS if "{}" in door[1]])
async def test_there_is_no_such_client(piet: Browser, method: str, path: str) -> None:
    words = {"name": "x", "redirect_uris": BACK}
    path = path.format("nothing")
    assert (await (piet.get(path) if method == GET else piet.post(path, words))).status_code == 404


async def test_the_web_s_login_of_a_company_changes_no_client(piet: Browser, asha: Browser) -> None:
    await registered(piet)
    (row,) = await db.fetch("SELECT id FROM company WHERE name = 'Brightwatt Energy'")
    async with as_web(row["id"]):
        changed = await db.fetch("UPDATE oidc_client SET redirect_uris = '{}' RETURNING id")
    assert changed == []


async def test_a_key_is_kept_sealed_and_replaced_without_a_gap(piet: Browser) -> None:
    first = await signing_key()
    assert (await signing_key()).kid == first.kid, "one is made, not two"
    (row,) = await db.fetch("SELECT * FROM signing_key")
    assert b"PRIVATE" not in bytes(row["private"])
    old = signed({"aud": "x"}, first)
    second = await rotate()
    assert (await signing_key()).kid == second != first.kid
    keys = await public_keys()
    assert {key["kid"] for key in keys["keys"]} == {first.kid, second}
    assert own_claims(old, keys) == {"aud": "x"}, "what was signed before the change still counts"
    assert own_claims(signed({"aud": "x"}, RSAKey.generate_key(2048, {"kid": second})), keys) is None
    with clock.at(clock.now() + timedelta(days=2)):
        assert [key["kid"] for key in (await public_keys())["keys"]] == [second]
