"""The audit log says truly who did what, and what is left of whom (SD 13.1)."""

import httpx
import pytest
from litestar import Litestar

from sdes.administration.actions import uploads
from sdes.kit import db
from tests.support.administration import ASHA, BEN, MO, details_form, id_of, page_text, person_row, rename
from tests.support.communications import count, told
from tests.support.people import Browser
from tests.support.programs import Program, key_of
from tests.support.sheets import applied, checked, csv_bytes, problems, uploaded

pytestmark = pytest.mark.anyio

KEY = {"name": "Writer", "scope": ["people:write"], "days": "90"}


async def test_no_two_valid_keys_have_one_name(mo: Browser) -> None:
    assert (await mo.post("/users/api-keys", KEY)).status_code == 200
    answer = await mo.post("/users/api-keys", {**KEY, "name": "WRITER"})
    assert (answer.status_code, told(answer)) == (
        422,
        ["There is a valid key called WRITER. Revoke that one first, or choose another name."],
    )
    await db.fetch("UPDATE api_key SET revoked_at = now()")
    assert (await mo.post("/users/api-keys", KEY)).status_code == 200


@pytest.mark.spec("SD 13.1")
async def test_a_key_is_named_with_what_it_is_told_apart_by(app: Litestar, mo: Browser) -> None:
    secret = await key_of("Brightwatt Energy")
    new = {"name": "Wanda Jones", "email": "wanda@brightwatt.example"}
    assert (await Program(app, secret).send("POST", "/people", new)).status_code == 201
    assert await count("audit_entry", "person_name = $1", f"API key staff directory ({secret[:12]})") == 1


@pytest.mark.parametrize("name", ["API key Writer", "api  KEY x", "SDES itself", "deleted person"])
async def test_nobody_is_called_what_the_log_says_of_others(mo: Browser, name: str) -> None:
    answer = await mo.post(f"/users/{await id_of(BEN)}", await details_form(mo, BEN, name=name))
    assert (answer.status_code, len(told(answer))) == (422, 1)
    assert "the audit log says this of others" in told(answer)[0]
    assert (await mo.post("/users", {"name": name, "email": "x@brightwatt.example"})).status_code == 422


@pytest.mark.spec("SD 13.1")
async def test_a_row_that_reinstates_does_all_it_says_and_the_log_tells(mo: Browser) -> None:
    await rename(BEN, state="suspended")
    await applied(mo, [["Action", "Email", "Name", "System functions"], ["reinstate", BEN, "Ben Lee", "cmrp"]])
    ben = await person_row(BEN)
    assert (ben["state"], ben["name"], ben["functions"]) == ("active", "Ben Lee", ["cmrp"])
    (entry,) = await db.fetch("SELECT detail FROM audit_entry WHERE event = 'administration.person.reinstated'")
    assert "Ben Carter is now Ben Lee" in entry["detail"]
    assert "system functions: " in entry["detail"]


@pytest.mark.spec("SL 21")
async def test_uploads_are_no_way_to_learn_who_has_an_account(mo: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "CHECKS_OF_TAKEN", 2)
    rows = [["Email", "Name"], ["otto@clearvolt.example", "Otto"], ["nobody@clearvolt.example", "Nobody"]]
    for _ in range(2):
        assert (await problems(mo, rows)).keys() == {2}
    entries = await db.fetch("SELECT detail FROM audit_entry WHERE event = 'administration.upload.checked'")
    assert [entry["detail"] for entry in entries] == ["people.csv: 1 address has an account already"] * 2
    assert (await uploaded(mo, csv_bytes(rows))).status_code == 429
    await checked(mo, [rows[0], rows[2]])
    await checked(mo, [["Email", "Name"], [ASHA, "Asha Lee"]])


@pytest.mark.spec("SD 2.4")
async def test_the_master_admin_user_has_an_address_of_their_own(mo: Browser) -> None:
    sentence = "The Master Admin User is a named person with an address of their own, which is no proxy address."
    own = await id_of(MO)
    assert 'name="is_proxy_address"' not in (await mo.get(f"/users/{own}")).text
    assert 'name="is_proxy_address"' in (await mo.get(f"/users/{await id_of(BEN)}")).text
    answer = await mo.post(f"/users/{own}", await details_form(mo, MO, is_proxy_address="on"))
    assert (answer.status_code, sentence in page_text(answer)) == (409, True)
    assert await problems(mo, [["Email", "Proxy address"], [MO, "yes"]]) == {2: sentence}
    assert not (await person_row(MO))["is_proxy_address"]


async def test_of_a_deleted_person_nothing_is_kept_but_when(mo: Browser) -> None:
    ben = await id_of(BEN)
    await rename(BEN, theme="dark", density="compact", page_size=100, has_keys=False, was_last_user=True)
    await db.fetch(
        "UPDATE person SET last_sign_in_at = now(), email_verified_at = now(), reinstated_at = now(),"
        " is_proxy_address = true, warned_from = now(), totp_last_step = 7 WHERE id = $1",
        ben,
    )
    await applied(mo, [["Action", "Email", "Take over by"], ["delete", BEN, "MAU"]])
    (gone,) = await db.fetch("SELECT * FROM person WHERE id = $1", ben)
    for column in ("last_sign_in_at", "email_verified_at", "reinstated_at", "warned_from", "password_expires_at"):
        assert gone[column] is None, column
    kept = [gone[column] for column in ("theme", "density", "page_size", "has_keys", "was_last_user", "totp_last_step")]
    assert kept == ["", "comfortable", 25, True, False, 0]
    assert not gone["is_proxy_address"]
    assert gone["deleted_at"]


async def test_programs_that_send_nonsense_are_told_so(app: Litestar, mo: Browser) -> None:
    program = Program(app, await key_of("Brightwatt Energy"))
    answer = await program.get("/people", email="\0")
    assert (answer.status_code, answer.json()["people"]) == (200, [])
    deep = '{"name": ' + "[" * 20_000 + "]" * 20_000 + "}"
    nested: httpx.Response = await program.client.post(
        "/people", content=deep, headers={"Content-Type": "application/json"}
    )
    assert nested.status_code in (400, 422), nested.text
    unknown = '{"unknown": ' + "[" * 20_000 + "]" * 20_000 + "}"
    nested = await program.client.post("/people", content=unknown, headers={"Content-Type": "application/json"})
    assert nested.status_code in (400, 422), nested.text


async def test_who_takes_over_is_somebody_even_where_nothing_is_left(app: Litestar, mo: Browser) -> None:
    program = Program(app, await key_of("Brightwatt Energy"))
    ben = await id_of(BEN)
    await _assign_nothing(ben)
    answer = await program.send("DELETE", f"/people/{ben}?take_over_by=999999")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "Choose an active person of your company to take over.",
    )
    assert (await program.send("DELETE", f"/people/{ben}")).status_code == 204


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "suspension"), ("DELETE", "suspension"), ("POST", "password-reset")]
)
async def test_a_program_that_read_another_state_is_told(app: Litestar, mo: Browser, method: str, path: str) -> None:
    program = Program(app, await key_of("Brightwatt Energy"))
    ben = await id_of(BEN)
    answer = await program.send(method, f"/people/{ben}/{path}", If_Match='"another"')
    assert answer.status_code == 412
    assert (await person_row(BEN))["state"] == "active"
    assert await count("mail") == 0


async def _assign_nothing(person: int) -> None:
    await db.fetch("DELETE FROM assignment WHERE person = $1", person)
