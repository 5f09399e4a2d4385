"""API keys: the MAU makes them, sees their secret once, and revokes them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar

from sdes.accounts.sessions import token_hash
from sdes.administration.actions.api_keys import MOST
from sdes.kit import clock, db
from tests.support.people import Browser, SignIn
from tests.support.programs import Program, key_of

pytestmark = pytest.mark.anyio

FORM = {"name": "Staff directory", "scope": ["people:read", "people:write"], "days": "90"}


@pytest.fixture
async def mo(sign_in: SignIn) -> Browser:
    """Brightwatt's MAU."""
    return await sign_in("mo@brightwatt.example")


async def made(browser: Browser, **words: Any) -> str:
    """Makes a key; gives its secret."""
    answer = await browser.post("/users/api-keys", {**FORM, **words})
    assert answer.status_code == 200, answer.text[:500]
    found = re.search(r'id="secret">(sdes_[\w-]{43})<', answer.text)
    assert found, "the secret is not shown"
    return found[1]


async def test_a_key_is_made_shown_once_and_works(mo: Browser, app: Litestar) -> None:
    secret = await made(mo)
    page = (await mo.get("/users/api-keys")).text
    assert secret not in page
    assert secret[:12] in page
    (row,) = await db.fetch("SELECT * FROM api_key")
    assert row["secret_hash"] == token_hash(secret)
    assert secret not in str(dict(row))
    assert row["scopes"] == ["people:read", "people:write"]
    assert row["expires_at"] - row["created_at"] == timedelta(days=90)
    assert (await Program(app, secret).get("/people")).status_code == 200
    assert "Never" not in re.findall(r'data-label="Last used">.*?</td>', (await mo.get("/users/api-keys")).text)[0]


async def test_a_revoked_key_works_no_longer_and_both_are_in_the_log(mo: Browser, app: Litestar) -> None:
    secret = await made(mo)
    (row,) = await db.fetch("SELECT id FROM api_key")
    path = f"/users/api-keys/{row['id']}/revocation"
    assert "Revoke Staff directory" in (await mo.get(path)).text
    assert (await Program(app, secret).get("/people")).status_code == 200, "asking revokes nothing"
    assert (await mo.post(path)).headers["location"] == "/users/api-keys"
    assert (await Program(app, secret).get("/people")).status_code == 401
    assert "Revoked" in (await mo.get("/users/api-keys")).text
    entries = await db.fetch(
        "SELECT event, detail FROM audit_entry WHERE event LIKE 'administration.api-key%' ORDER BY id"
    )
    assert [entry["event"].rpartition(".")[2] for entry in entries] == ["made", "revoked"]
    assert "may people:read, people:write, for 90 days" in entries[0]["detail"]
    assert secret not in str(entries)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"name": ""}, "Enter what the key is for"),
        ({"name": "n" * 61}, "Shorten the name"),
        ({"scope": []}, "Choose what the key may do"),
        ({"scope": ["people:read", "user-administration"]}, "Choose what the key may do"),
        ({"scope": ["provider"]}, "Choose what the key may do"),
        ({"days": "100000"}, "Choose how long the key lasts"),
    ],
)
async def test_a_bad_form_is_refused_with_what_was_typed(mo: Browser, words: Any, sentence: str) -> None:
    answer = await mo.post("/users/api-keys", {**FORM, **words})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await db.fetch("SELECT * FROM api_key") == []


async def test_a_company_has_only_so_many_keys_that_hold(mo: Browser) -> None:
    for _ in range(MOST):
        await key_of("Brightwatt Energy")
    assert (await mo.post("/users/api-keys", {**FORM, "name": "Another program"})).status_code == 409
    await db.fetch("UPDATE api_key SET revoked_at = $1 WHERE id = (SELECT min(id) FROM api_key)", clock.now())
    await made(mo, name="Another program")


async def test_keys_are_the_mau_s(mo: Browser, asha: Browser, sign_in: SignIn) -> None:
    await made(mo)
    (row,) = await db.fetch("SELECT id FROM api_key")
    path = f"/users/api-keys/{row['id']}/revocation"
    await db.fetch("UPDATE person SET functions = '{user-administration}' WHERE name = 'Ben Carter'")
    for colleague in (asha, await sign_in("ben@brightwatt.example")):
        assert (await colleague.get("/users/api-keys")).status_code == 403
        assert (await colleague.post("/users/api-keys", FORM)).status_code == 403
        assert (await colleague.post(path)).status_code == 403
    olga = await sign_in("olga@clearvolt.example")
    for method in (olga.get, olga.post):
        assert (await method(path)).status_code == 404
        assert (await method("/users/api-keys/99999999999999999999/revocation")).status_code == 404
    assert "Staff directory" not in (await olga.get("/users/api-keys")).text
    (row,) = await db.fetch("SELECT revoked_at FROM api_key")
    assert row["revoked_at"] is None
