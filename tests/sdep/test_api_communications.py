"""Communications for a company's own programs: what has changed since, what is deleted next, what was deleted."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar

from sdes.accounts.sessions import KEY_REQUESTS
from sdes.kit import clock, db
from sdes.permissions import Role
from tests.support.communications import MPAN, count, replied, sent
from tests.support.people import Browser
from tests.support.programs import Program, key_of, page

pytestmark = pytest.mark.anyio

READER = Role.API_COMMUNICATIONS_READER
JULY = {"updated_since": "2026-07-01"}


@pytest.fixture
async def program(app: Litestar, db: None) -> Program:
    """Brightwatt's, which may read communications and nothing else."""
    return Program(app, await key_of("Brightwatt Energy", READER))


async def references(program: Program, **query: Any) -> list[str]:
    return [one["reference"] for one in (await page(program, **query))["communications"]]


def problems(answer: Any, status: int) -> dict[str, str]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["detail"].endswith(".")
    return {one["field"]: one["problem"] for one in body.get("errors", [])}


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    assert at.tzinfo is not None
    return at


async def test_a_communication_as_a_program_is_told_of_it(program: Program, asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, [("plan.txt", b"abc")], tag="job 7")
    await replied(nils, reference, "On Tuesday.")
    (one,) = (await page(program))["communications"]
    (row,) = await db.fetch("SELECT * FROM communication WHERE reference = $1", reference)
    assert (one["id"], one["reference"], one["subject"]) == (row["id"], reference, row["subject"])
    assert (one["process_type"], one["fuel"], one["direction"], one["status"]) == (
        *("PT0130", "Electricity", "sent"),
        "current",
    )
    assert one["sender"] == {"company": "Brightwatt Energy", "mpid": "BRWT", "role": "Electricity supplier"}
    assert one["recipient"]["mpid"] == "NORG"
    assert (one["mpxn_type"], one["mpxn"], one["tags"], one["owner"]) == ("MPAN", MPAN, ["job 7"], None)
    assert {"key": "mpan", "label": "MPAN", "kind": "mpan", "value": MPAN} in one["items"]
    assert moment(one["created_at"]) == row["created_at"]
    last = clock.local(row["last_message_at"]).date()
    assert (one["archives_at"], one["deletes_at"]) == tuple(str(last + timedelta(days=n)) for n in (30, 60))
    assert "messages" not in one
    whole = await page(program, f"/communications/{reference}")
    assert {name: whole[name] for name in one} == one
    first, second = whole["messages"]
    assert (first["number"], first["kind"], first["direction"], first["sender"]) == (
        1,
        "message",
        "sent",
        "Asha Rahman",
    )
    (file,) = first["attachments"]
    assert (file["name"], file["size"], file["state"]) == ("plan.txt", 3, "pending")
    assert (second["text"], second["direction"], second["sender_mpid"]) == ("On Tuesday.", "received", "NORG")


async def test_pages_end_to_end_without_gap_or_double(program: Program, asha: Browser) -> None:
    sent_ones = [await sent(asha) for _ in range(5)]
    found, cursor = [], ""
    for _ in range(9):
        body = await page(program, limit=2, cursor=cursor)
        found += [one["reference"] for one in body["communications"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert found == sent_ones
    assert await references(program, updated_since=body["complete_until"]) == []


async def test_since_is_included_and_what_changes_comes_again(program: Program, asha: Browser, nils: Browser) -> None:
    one, two = await sent(asha), await sent(asha)
    told = {item["reference"]: item["updated_at"] for item in (await page(program))["communications"]}
    assert await references(program, updated_since=told[two]) == [two]
    until = (await page(program))["complete_until"]
    await replied(nils, one)
    assert await references(program, updated_since=until) == [one]
    assert await references(program, updated_since=(clock.today() + timedelta(days=2)).isoformat()) == []


@pytest.mark.spec("SD 14.4")
async def test_what_is_deleted_next_comes_first(program: Program, asha: Browser) -> None:
    active, later, next_one = await sent(asha), await sent(asha), await sent(asha)
    for reference, days in ((later, 20), (next_one, 25)):
        await db.fetch(
            f"UPDATE communication SET archived_at = now() - interval '{days} days' WHERE reference = $1", reference
        )
    week, month = ((clock.now() + timedelta(days=days)).isoformat() for days in (7, 40))
    assert await references(program, deleting_before=week) == [next_one]
    first = await page(program, deleting_before=month, limit=1)
    assert first["communications"][0]["status"] == "archived"
    assert [one["reference"] for one in first["communications"]] == [next_one]
    second = await page(program, deleting_before=month, limit=1, cursor=first["next_cursor"])
    assert [one["reference"] for one in second["communications"]] == [later]
    assert second["next_cursor"] is None
    assert active not in await references(program, deleting_before=month)


@pytest.mark.spec("SD 9.2(d)")
async def test_a_key_tells_of_its_own_company_alone(app: Litestar, asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, tag="our secret job")
    await replied(nils, reference, tag="their secret job")
    theirs = Program(app, await key_of("Northgrid Networks", READER))
    told = (await theirs.get(f"/communications/{reference}")).text
    assert "their secret job" in told
    assert "our secret job" not in told
    stranger = Program(app, await key_of("Clearvolt", READER))
    assert await references(stranger) == []
    assert problems(await stranger.get(f"/communications/{reference}"), 404) == {}
    assert (await stranger.get(f"/communications/{reference}")).text == (
        await stranger.get("/communications/SC99999999")
    ).text


@pytest.mark.parametrize("path", ["/communications", "/communications/SC00000001", "/deletions"])
async def test_without_the_scope_or_a_key_there_is_nothing(path: str, app: Litestar, asha: Browser) -> None:
    other = Program(app, await key_of("Brightwatt Energy", Role.API_PEOPLE_WRITER, Role.API_ASSIGNER))
    problems(await other.get(path), 403)
    problems(await Program(app, "").get(path), 401)
    problems(await Program(app, "sdes_wrong").get(path), 401)
    assert (await asha.get(f"/api/v1{path}")).status_code == 401, "a cookie opens no door for programs"
    reader = Program(app, await key_of("Brightwatt Energy", READER))
    problems(await reader.get("/people"), 403)


@pytest.mark.parametrize(
    ("path", "query", "field", "sentence"),
    [
        ("/communications", {"updated_since": "yesterday"}, "updated_since", "Enter a date"),
        ("/communications", {"updated_since": "2026-11-03T10:00:00"}, "updated_since", "offset"),
        ("/communications", {"deleting_before": "32/1/2026"}, "deleting_before", "no day 32"),
        ("/communications", {"updated_since": "9" * 41}, "updated_since", "length"),
        ("/communications", {**JULY, "deleting_before": "2026-01-02"}, "deleting_before", "not for both"),
        ("/communications", {"cursor": "nonsense"}, "cursor", "no cursor"),
        ("/communications", {"cursor": "W251bGwsIDMsIGZhbHNlXQ"}, "cursor", "no cursor"),
        ("/communications", {"limit": "0"}, "limit", ""),
        ("/communications", {"limit": "501"}, "limit", ""),
        ("/communications", {"limit": "many"}, "limit", ""),
        ("/communications", {**JULY, "offset": "10"}, "offset", "does not take"),
        ("/communications", {"Updated_Since": "2026-07-01"}, "Updated_Since", "does not take"),
        ("/communications/SC02000001", {"cursor": ""}, "cursor", "does not take"),
        ("/deletions", {"updated_since": "2026-07-01"}, "updated_since", "does not take"),
        ("/deletions", {"since": "\x00"}, "since", "Enter a date"),
        ("/deletions", {"cursor": "x"}, "cursor", "no cursor"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_of_its_field(
    path: str, query: dict[str, str], field: str, sentence: str, program: Program
) -> None:
    found = problems(await program.get(path, **query), 422)
    assert list(found) == [field]
    assert sentence in found[field]


async def test_a_reference_that_no_database_can_be_asked_for(program: Program) -> None:
    problems(await program.get("/communications/%00"), 404)


async def test_what_a_program_reads_is_in_the_company_s_audit_log_once_an_hour(
    program: Program, asha: Browser, mo: Browser
) -> None:
    reference = await sent(asha, subject="Mill Lane")
    with clock.at(datetime(2026, 11, 23, 10, 5, tzinfo=UTC)):
        for _ in range(3):
            await page(program)
        await page(program, f"/communications/{reference}")
    with clock.at(datetime(2026, 11, 23, 11, 0, tzinfo=UTC)):
        await page(program)
    entries = await db.fetch(
        "SELECT * FROM audit_entry WHERE event = 'administration.communications.fetched' ORDER BY id"
    )
    assert [entry["detail"] for entry in entries] == [
        "The list of communications",
        reference,
        "The list of communications",
    ]
    assert all(entry["person_name"].startswith("API key staff directory") for entry in entries)
    log = (await mo.get("/audit")).text
    assert "Communications read with an API key" in log
    assert "Mill Lane" not in json.dumps([dict(entry) for entry in entries], default=str)


async def test_a_key_that_asks_without_end_is_told_to_wait(program: Program) -> None:
    with clock.at(datetime(2026, 11, 23, 10, 5, tzinfo=UTC)):
        await page(program)
        await db.fetch("UPDATE api_key SET requests = $1", KEY_REQUESTS)
        answer = await program.get("/communications")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_the_master_admin_user_makes_such_a_key(mo: Browser, app: Litestar) -> None:
    words = {"name": "archive", "scope": ["communications:read"], "days": "90"}
    answer = await mo.post("/users/api-keys", words)
    assert answer.status_code == 200
    assert await count("api_key", "scopes = '{communications:read}'") == 1
    assert "Read communications" in answer.text
