"""The proof of the second lock, the audit log: what a login may add to it, and that nobody changes it (SD 13.1)."""

import json
from typing import Any

import asyncpg
import pytest

from sdes.kit import db
from tests.architecture.matter import Matter, insert
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

REFUSED = asyncpg.InsufficientPrivilegeError


async def test_history_is_not_even_changed_by_the_owner(matter: Matter) -> None:
    for statement in ("UPDATE audit_entry SET detail = ''", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
        with pytest.raises(REFUSED, match="never changed"):
            async with db.transaction():
                await db.fetch(statement)


async def test_no_history_is_written_in_the_name_of_the_system_or_of_others(matter: Matter) -> None:
    """An entry of nobody's (a refused sign-in) reaches no company; a company's own names the company."""
    mine, theirs = matter.companies
    (row,) = await db.fetch("SELECT to_jsonb(e) AS row FROM audit_entry e WHERE subject = $1 LIMIT 1", matter.reference)
    for company in (None, theirs):
        with pytest.raises(REFUSED):
            async with as_web(mine):
                await insert("audit_entry", {**json.loads(row["row"]), "id": 10_000_000, "company_id": company})


async def test_history_bears_the_true_names_of_its_writer(matter: Matter) -> None:
    """Whatever names it is given: the other party reads them."""
    mine, theirs = matter.companies
    row = await _history(matter, mine)
    async with as_web(mine):
        await insert("audit_entry", {**row, "person_name": "Nils Andersen", "company_name": "Northgrid Networks"})
    (added,) = await db.fetch("SELECT * FROM audit_entry WHERE id = $1", row["id"])
    assert (added["person_name"], added["company_name"]) == (row["person_name"], row["company_name"])
    (stranger,) = await db.fetch("SELECT id FROM person WHERE company = $1 LIMIT 1", theirs)
    for person in (stranger["id"], None):
        with pytest.raises(REFUSED, match="one's own person"):
            async with as_web(mine):
                await insert("audit_entry", {**row, "id": 10_000_001, "person_id": person})


async def test_history_reaches_the_parties_of_its_subject_only(matter: Matter, other_matter: Matter) -> None:
    mine, theirs = matter.companies
    stranger = other_matter.companies[0]
    row = await _history(matter, mine)
    for subject, audience in (
        (matter.reference, [mine, theirs, stranger]),
        (other_matter.reference, [mine, stranger]),
        ("", [mine, theirs]),
        ("SC1", [mine, theirs]),
    ):
        with pytest.raises(REFUSED, match="parties of its subject"):
            async with as_web(mine):
                await insert("audit_entry", {**row, "subject": subject, "audience": audience})
    async with as_web(mine):
        await insert("audit_entry", {**row, "subject": "", "audience": [mine]})


async def test_nobody_s_history_names_nobody_and_reaches_nobody(matter: Matter) -> None:
    row = {**await _history(matter, matter.companies[0]), "company_id": None}
    with pytest.raises(REFUSED):
        async with as_web(None):
            await insert("audit_entry", {**row, "audience": []})
    row["person_id"] = None
    with pytest.raises(REFUSED, match="parties of its subject"):
        async with as_web(None):
            await insert("audit_entry", row)
    async with as_web(None):
        await insert("audit_entry", {**row, "audience": []})
    (added,) = await db.fetch("SELECT person_name, company_name FROM audit_entry WHERE id = $1", row["id"])
    assert tuple(added) == ("", "")


async def _history(matter: Matter, company: int) -> dict[str, Any]:
    """A copy of an entry that the company's person has made about the matter, under a new id."""
    (row,) = await db.fetch(
        "SELECT to_jsonb(e) AS row FROM audit_entry e WHERE subject = $1 AND company_id = $2 LIMIT 1",
        matter.reference,
        company,
    )
    return {**json.loads(row["row"]), "id": 10_000_000}
