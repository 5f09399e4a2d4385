"""The proof of the second lock, writing: who adds to a conversation, to which, and under whose name."""

import json
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from sdes.kit import db
from tests.architecture.matter import Matter, insert
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

REFUSED = asyncpg.InsufficientPrivilegeError


async def test_a_message_is_added_in_no_other_company_s_name(matter: Matter) -> None:
    sender, recipient = matter.companies
    (row,) = await db.fetch(
        "SELECT to_jsonb(m) AS row FROM message m WHERE communication = $1 AND company = $2", matter.id, sender
    )
    forged = {**json.loads(row["row"]), "id": 10_000_000, "number": 99, "draft": None}
    with pytest.raises(REFUSED):
        async with as_web(recipient):
            await insert("message", forged)
    async with as_web(recipient):
        await insert("message", {**forged, "company": recipient, **await _signed_by(matter, recipient)})


@pytest.mark.spec("SD 13.1")
async def test_what_is_added_bears_the_true_names(matter: Matter) -> None:
    """Of the company and of the person, whatever the web's login says they are called."""
    for company in matter.companies:
        (row,) = await db.fetch(
            "SELECT to_jsonb(m) AS row FROM message m WHERE communication = $1 AND company = $2", matter.id, company
        )
        own, number = json.loads(row["row"]), 90 + company % 9
        forged = {**own, "id": 10_000_000 + company, "number": number, "draft": None}
        level = {
            **{"id": 10_000_000 + company, "communication": matter.id, "number": number, "name": "x", "reason": ""},
            **{"started_at": own["sent_at"], "person_name": own["person_name"]},
        }
        async with as_web(company):
            await insert("message", {**forged, "company_name": "Another", "person_name": "Somebody"})
            await insert("communication_level", {**level, "started_by": "Another"})
        said = await db.fetch("SELECT company_name, person_name FROM message WHERE id = $1", 10_000_000 + company)
        started = await db.fetch("SELECT started_by, person_name FROM communication_level WHERE id = $1", level["id"])
        true = (own["company_name"], own["person_name"])
        assert [tuple(row) for row in (*said, *started)] == [true, true]


@pytest.mark.parametrize("table", ["reading", "draft"])
async def test_nobody_reads_or_answers_what_others_send_each_other(
    matter: Matter, other_matter: Matter, table: str
) -> None:
    outsider = other_matter.companies[0]
    (row,) = await db.fetch(
        f'SELECT to_jsonb(t) AS row FROM "{table}" t WHERE communication = $1 AND company = $2',
        other_matter.id,
        outsider,
    )
    own = {**json.loads(row["row"]), "id": str(uuid4()) if table == "draft" else 10_000_000}
    with pytest.raises(REFUSED, match="row-level security"):
        async with as_web(outsider):
            await insert(table, {**own, "communication": matter.id})


async def test_a_draft_is_begun_of_no_communication_yet(matter: Matter) -> None:
    (row,) = await db.fetch("SELECT to_jsonb(d) AS row FROM draft d WHERE id = $1", matter.draft)
    async with as_web(matter.companies[0]):
        await insert("draft", {**json.loads(row["row"]), "id": str(uuid4()), "communication": None})


async def test_nobody_joins_a_conversation_of_others(matter: Matter, other_matter: Matter) -> None:
    outsider = other_matter.companies[1]
    (row,) = await db.fetch(
        "SELECT to_jsonb(m) AS row FROM message m WHERE communication = $1 AND company = $2", other_matter.id, outsider
    )
    joining = {**json.loads(row["row"]), "id": 10_000_000, "number": 99, "draft": None, "communication": matter.id}
    with pytest.raises(REFUSED):
        async with as_web(outsider):
            await insert("message", joining)


async def test_a_file_is_hung_on_one_s_own_message_only(matter: Matter) -> None:
    sender, recipient = matter.companies
    (kept,) = await db.fetch("SELECT attachment FROM draft_attachment WHERE company = $1", recipient)
    (own,) = await db.fetch("SELECT id FROM message WHERE communication = $1 AND company = $2", matter.id, recipient)
    (theirs,) = await db.fetch("SELECT id FROM message WHERE communication = $1 AND company = $2", matter.id, sender)
    hang = "INSERT INTO message_attachment (communication, message, attachment) VALUES ($1, $2, $3)"
    with pytest.raises(REFUSED):
        async with as_web(recipient):
            await db.fetch(hang, matter.id, theirs["id"], kept["attachment"])
    async with as_web(recipient):
        await db.fetch(hang, matter.id, own["id"], kept["attachment"])


async def _signed_by(matter: Matter, company: int) -> dict[str, Any]:
    """Under which person and which MPID the company has written."""
    (row,) = await db.fetch(
        "SELECT person, mpid FROM message WHERE communication = $1 AND company = $2", matter.id, company
    )
    return dict(row)
