"""The interface for programs: a company's directory maintains its people with a key (SD 2.6, R0009)."""

from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar

from sdes.accounts.sessions import KEY_REQUESTS
from sdes.kit import clock, db
from sdes.permissions import Role
from sdes.settings import Settings
from tests.support.people import Browser, SignIn
from tests.support.programs import Program, key_of

pytestmark = pytest.mark.anyio

NEW = {"name": "New Person", "email": "New@brightwatt.example"}


@pytest.fixture
async def directory(app: Litestar, db: None) -> Program:
    """Brightwatt's directory, with every scope."""
    return Program(app, await key_of("Brightwatt Energy"))


async def ident(email: str) -> int:
    (row,) = await db.fetch("SELECT id FROM person WHERE email_key = $1", email)
    return int(row["id"])


def told(answer: Any, status: int) -> Any:
    """The problem that the answer tells of."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["type"]) == (status, "about:blank")
    assert body["title"]
    assert body["detail"].endswith(".")
    return body


@pytest.mark.spec("SD 2.6")
async def test_a_joiner_is_created_assigned_and_granted(directory: Program) -> None:
    made = await directory.send("POST", "/people", {**NEW, "system_functions": ["reports"]})
    assert made.status_code == 201, made.text
    one = made.json()
    assert made.headers["location"] == f"/api/v1/people/{one['id']}"
    assert (one["name"], one["email"], one["state"], one["is_waiting"]) == (NEW["name"], NEW["email"], "active", True)
    cases = (await directory.get("/use-cases")).json()["use_cases"][:2]
    wanted = [{"process_type": case["process_type"], "level": case["level"]} for case in cases]
    put = await directory.send("PUT", f"/people/{one['id']}/assignments", {"use_cases": wanted})
    assert put.json()["use_cases"] == wanted
    granted = await directory.send("PUT", f"/people/{one['id']}/functions", {"system_functions": ["service-audit"]})
    assert granted.json()["system_functions"] == ["service-audit"]
    mails = await db.fetch("SELECT * FROM mail WHERE kind = 'single_use_password'")
    assert [mail["to_address"] for mail in mails] == [NEW["email"]]
    (entry,) = await db.fetch("SELECT * FROM audit_entry WHERE event = 'administration.person.created'")
    prefix = (await db.fetch("SELECT prefix FROM api_key"))[0]["prefix"]
    assert (entry["person_name"], entry["person_id"]) == (f"API key staff directory ({prefix})", None)
    assert entry["company_name"] == "Brightwatt Energy"


@pytest.mark.spec("SD 2.6")
async def test_a_leaver_is_suspended_reinstated_and_deleted(directory: Program) -> None:
    ben = await ident("ben@brightwatt.example")
    assert (await directory.send("PUT", f"/people/{ben}/suspension")).json()["state"] == "suspended"
    assert [one["id"] for one in (await directory.get("/people", state="suspended")).json()["people"]] == [ben]
    assert (await directory.send("DELETE", f"/people/{ben}/suspension")).json()["state"] == "active"
    assert (await directory.send("DELETE", f"/people/{ben}")).status_code == 204
    assert (await directory.get(f"/people/{ben}")).status_code == 404
    assert (await directory.send("DELETE", f"/people/{ben}")).status_code == 404


@pytest.mark.spec("SD 2.5(b)")
async def test_the_last_of_a_use_case_is_not_taken_away(directory: Program) -> None:
    await db.fetch("DELETE FROM assignment USING person p WHERE p.id = person AND p.name <> 'Ben Carter'")
    ben, asha = await ident("ben@brightwatt.example"), await ident("asha@brightwatt.example")
    held = (await directory.get(f"/people/{ben}")).json()["use_cases"]
    for method, path, body in (
        ("DELETE", "", None),
        ("PUT", "/suspension", None),
        ("PUT", "/assignments", {"use_cases": []}),
    ):
        refused = told(await directory.send(method, f"/people/{ben}{path}", body), 409)
        assert len(refused["use_cases"]) == len(held)
    assert (await directory.send("DELETE", f"/people/{ben}?take_over_by={asha}")).status_code == 204
    assert (await directory.get(f"/people/{asha}")).json()["use_cases"] == held
    assert (await directory.send("PUT", f"/people/{asha}/suspension?mau_takes=true")).status_code == 200
    default = await db.fetch("SELECT * FROM assignment WHERE is_default_contact")
    assert len(default) == len(held)


async def test_people_are_listed_a_page_at_a_time(directory: Program) -> None:
    seen, cursor = [], ""
    for _ in range(5):
        page = (await directory.get("/people", limit=2, cursor=cursor)).json()
        seen += [one["email"] for one in page["people"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == ["asha@brightwatt.example", "ben@brightwatt.example", "mo@brightwatt.example"]
    (one,) = (await directory.get("/people", email="BEN@brightwatt.example")).json()["people"]
    assert one["name"] == "Ben Carter"
    told(await directory.get("/people", cursor="nonsense"), 422)
    told(await directory.get("/people", limit=100000), 422)


async def test_details_are_changed_in_part(directory: Program) -> None:
    ben = await ident("ben@brightwatt.example")
    one = (await directory.send("PATCH", f"/people/{ben}", {"name": " Ben  Carter-Wu "})).json()
    assert (one["name"], one["email"]) == ("Ben Carter-Wu", "ben@brightwatt.example")
    one = (await directory.send("PATCH", f"/people/{ben}", {"email": "wu@brightwatt.example"})).json()
    assert (one["name"], one["email"], one["is_email_verified"]) == ("Ben Carter-Wu", "wu@brightwatt.example", False)
    assert (await directory.send("POST", f"/people/{ben}/password-reset")).status_code == 204


async def test_the_same_joiner_twice_is_told_who_it_is(directory: Program) -> None:
    made = (await directory.send("POST", "/people", NEW)).json()
    again = told(await directory.send("POST", "/people", {**NEW, "email": NEW["email"].upper()}), 409)
    assert again["id"] == made["id"]
    elsewhere = told(await directory.send("POST", "/people", {**NEW, "email": "olga@clearvolt.example"}), 409)
    assert "id" not in elsewhere
    assert "Clearvolt" not in elsewhere["detail"]


async def test_a_stale_change_is_refused(directory: Program) -> None:
    ben = await ident("ben@brightwatt.example")
    tag = (await directory.get(f"/people/{ben}")).headers["etag"]
    first = await directory.send("PUT", f"/people/{ben}/assignments", {"use_cases": []}, If_Match=tag)
    assert first.status_code == 200
    for method, path, body in (
        ("PUT", "/assignments", {"use_cases": []}),
        ("PUT", "/functions", {"system_functions": []}),
        ("PATCH", "", {"name": "B"}),
        ("DELETE", "", None),
    ):
        told(await directory.send(method, f"/people/{ben}{path}", body, If_Match=tag), 412)
    now = first.headers["etag"]
    assert (await directory.send("PATCH", f"/people/{ben}", {"name": "B"}, If_Match=f'"x", {now}')).status_code == 200


@pytest.mark.spec("SD 2.4")
async def test_no_key_touches_the_mau_or_raises_anybody_to_an_administrator(directory: Program) -> None:
    mo, ben = await ident("mo@brightwatt.example"), await ident("ben@brightwatt.example")
    before = await db.fetch("SELECT * FROM person WHERE id = $1", mo)
    for method, path, body in (
        ("DELETE", "", None),
        ("PUT", "/suspension", None),
        ("PATCH", "", {"name": "Somebody"}),
        ("PATCH", "", {"email": "mine@evil.example"}),
        ("PUT", "/assignments", {"use_cases": []}),
        ("PUT", "/functions", {"system_functions": ["reports"]}),
        ("POST", "/password-reset", None),
    ):
        told(await directory.send(method, f"/people/{mo}{path}", body), 409)
    assert await db.fetch("SELECT * FROM person WHERE id = $1", mo) == before
    admin = {"system_functions": ["user-administration"]}
    told(await directory.send("PUT", f"/people/{ben}/functions", admin), 409)
    told(await directory.send("POST", "/people", {**NEW, **admin}), 409)
    await db.fetch("UPDATE person SET functions = '{user-administration}' WHERE id = $1", ben)
    told(await directory.send("PUT", f"/people/{ben}/functions", {"system_functions": []}), 409)
    told(await directory.send("PATCH", f"/people/{ben}", {"email": "mine@evil.example"}), 409)
    for method, path in (("POST", "password-reset"), ("PUT", "suspension"), ("DELETE", "suspension"), ("DELETE", "")):
        told(await directory.send(method, f"/people/{ben}/{path}".removesuffix("/")), 409)
    assert (await directory.send("PATCH", f"/people/{ben}", {"name": "Ben C"})).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "A"}, "email"),
        ({**NEW, "salary": 3}, ""),
        ({**NEW, "name": ""}, "name"),
        ({**NEW, "name": "\u200b"}, "name"),
        ({**NEW, "email": "no address"}, "email"),
        ({**NEW, "email": 3}, "email"),
        ({**NEW, "system_functions": ["fly"]}, "system_functions[0]"),
        ({**NEW, "use_cases": [{"process_type": "PT9999", "level": 1}]}, "use_cases[0]"),
        ({**NEW, "use_cases": [{"process_type": "PT0103", "level": 99}]}, "use_cases[0].level"),
        (None, ""),
        ([], ""),
    ],
)
async def test_what_is_not_valid_is_told_by_field(directory: Program, body: Any, field: str) -> None:
    errors = told(await directory.send("POST", "/people", body), 422)["errors"]
    assert any(field in error["field"] for error in errors), errors
    assert all(error["problem"] for error in errors)


async def test_bodies_are_json_and_short(directory: Program) -> None:
    post = directory.client.post
    told(await post("/people", content=b"{", headers={"Content-Type": "application/json"}), 400)
    told(await post("/people", data={"name": "A", "email": "a@b.example"}), 415)
    told(await post("/people", content=b"{}", headers={"Content-Type": "text/plain"}), 415)
    told(await post("/people", json={**NEW, "name": "A" * 70_000}), 413)


async def test_addresses_and_methods_that_there_are_not(directory: Program) -> None:
    for path in ("/nothing", "/people/0", "/people/99999999999999999999", "/people/x"):
        told(await directory.get(path), 404)
    told(await directory.send("DELETE", "/people"), 405)


@pytest.mark.parametrize("email", ["olga@clearvolt.example", "nils@northgrid.example"])
async def test_people_of_other_companies_are_not_there(directory: Program, email: str) -> None:
    other = await ident(email)
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "Mine"}),
        ("DELETE", "", None),
        ("PUT", "/assignments", {"use_cases": []}),
        ("PUT", "/functions", {"system_functions": []}),
        ("PUT", "/suspension", None),
        ("DELETE", "/suspension", None),
        ("POST", "/password-reset", None),
    ):
        told(await directory.send(method, f"/people/{other}{path}", body), 404)
    assert (await directory.get("/people", email=email)).json()["people"] == []


async def test_a_key_does_what_its_scopes_say(app: Litestar, db: None) -> None:
    reader = Program(app, await key_of("Brightwatt Energy", Role.API_PEOPLE_READER))
    writer = Program(app, await key_of("Brightwatt Energy", Role.API_PEOPLE_WRITER))
    assigner = Program(app, await key_of("Brightwatt Energy", Role.API_ASSIGNER))
    ben = await ident("ben@brightwatt.example")
    put, case = {"use_cases": []}, {"process_type": "PT0103", "level": 1}
    for program in (reader, writer, assigner):
        assert (await program.get(f"/people/{ben}")).status_code == 200
    told(await reader.send("POST", "/people", NEW), 403)
    told(await reader.send("PUT", f"/people/{ben}/assignments", put), 403)
    told(await writer.send("PUT", f"/people/{ben}/assignments", put), 403)
    told(await writer.send("POST", "/people", {**NEW, "use_cases": [case]}), 403)
    told(await assigner.send("DELETE", f"/people/{ben}"), 403)
    assert (await assigner.send("PUT", f"/people/{ben}/assignments", put)).status_code == 200
    assert (await writer.send("POST", "/people", NEW)).status_code == 201


async def test_no_key_no_answer(app: Litestar, db: None) -> None:
    hour = timedelta(hours=1)
    revoked = await key_of("Brightwatt Energy", revoked_at=clock.now())
    lasting = await key_of("Brightwatt Energy", expires_at=clock.now() + hour)
    for secret in ("", "sdes_nothing", revoked):
        answer = await Program(app, secret).get("/people")
        told(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert (await Program(app, lasting).get("/people")).status_code == 200
    with clock.at(clock.now() + 2 * hour):
        told(await Program(app, lasting).get("/people"), 401)


async def test_a_session_is_worth_nothing_to_the_interface_and_a_key_nothing_to_the_pages(
    sign_in: SignIn, app: Litestar, settings: Settings
) -> None:
    mo = await sign_in("mo@brightwatt.example")
    answer = await mo.get("/api/v1/people")
    told(answer, 401)
    assert "set-cookie" not in answer.headers
    bearer = {"Authorization": f"Bearer {await key_of('Brightwatt Energy')}"}
    page = await Browser(app, settings).get("/users", headers=bearer)
    assert page.status_code == 303
    assert page.headers["location"].startswith("/sign-in")
    posted = await Browser(app, settings).post("/users", {"name": "A"}, headers=bearer)
    assert posted.status_code == 303


async def test_a_key_asks_only_so_often(directory: Program, app: Litestar) -> None:
    await db.fetch("UPDATE api_key SET requests = $1, counted_from = $2", KEY_REQUESTS - 1, clock.now())
    assert (await directory.get("/functions")).status_code == 200
    answer = await directory.get("/functions")
    told(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 60
    other = Program(app, await key_of("Brightwatt Energy"))
    assert (await other.get("/functions")).status_code == 200
    with clock.at(clock.now() + timedelta(minutes=1, seconds=1)):
        assert (await directory.get("/functions")).status_code == 200


async def test_refused_requests_count_and_the_key_knows_when_it_was_used(directory: Program) -> None:
    for _ in range(3):
        assert (await directory.get("/people/0")).status_code == 404
    (key,) = await db.fetch("SELECT * FROM api_key")
    assert key["requests"] == 3
    assert key["last_used_at"] is not None


async def test_an_error_of_ours_is_told_as_one(directory: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("sdes.administration.routes.api.lists.grantable", broken)
    body = told(await directory.get("/functions"), 500)
    assert body["request_id"]
    assert "broken" not in body["detail"]
