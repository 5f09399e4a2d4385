"""The proof of the second lock, writing: what the web's login cannot do to other companies, whatever it is told."""

import json
from contextlib import suppress
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from sdes.accounts.sessions import enter, new_token, token_hash
from sdes.database.policies import RULES
from sdes.kit import clock, db
from sdes.settings import Settings
from tests.architecture.matter import Matter, insert
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

REFUSED = asyncpg.InsufficientPrivilegeError
TABLES = sorted(table for table, rule in RULES.items() if rule.holds_company_matter)

# Statements that a party of a communication (Calder, $1 is its id) may not carry out on its own matter either.
NOT_EVEN_A_PARTY = {
    "write another history": "UPDATE audit_entry SET detail = ''",
    "delete history": "DELETE FROM audit_entry",
    "empty history": "TRUNCATE audit_entry",
    "make itself a party": "INSERT INTO communication_party SELECT * FROM communication_party WHERE communication = $1",
    "give up its party row": "DELETE FROM communication_party WHERE communication = $1",
    "hand its party row over": "UPDATE communication_party SET company = other_company WHERE communication = $1",
    "change its view's heading": "UPDATE communication_party SET process_type = 1 WHERE communication = $1",
    "open one past the function": "INSERT INTO communication SELECT * FROM communication WHERE id = $1",
    "change who sent it": "UPDATE communication SET sender = recipient WHERE id = $1",
    "change its subject": "UPDATE communication SET subject = 'changed' WHERE id = $1",
    "delete it": "DELETE FROM communication WHERE id = $1",
    "change a message": "UPDATE message SET text = 'changed' WHERE communication = $1",
    "delete a message": "DELETE FROM message WHERE communication = $1",
    "take a file from a message": "DELETE FROM message_attachment WHERE communication = $1",
    "pass a file itself": "UPDATE attachment SET state = 'clean'",
    "make a company": "INSERT INTO company (name, kind, is_qualified, created_at) VALUES ('New', '', true, now())",
    "become another's participant": "UPDATE market_participant SET company = 1",
    "become the provider": "UPDATE company SET kind = 'provider'",
    "say what it has signed": "UPDATE company SET agreement_signed_on = '2026-01-01'",
    "let a service ask who people are": "INSERT INTO oidc_client (client_id, name, secret_hash, created_at)"
    " VALUES ('x', 'x', 'x', now())",
    "have everybody sign in elsewhere": "INSERT INTO identity_provider (name, issuer, client_id, client_secret,"
    " created_at) VALUES ('x', 'x', 'x', 'x', now())",
    "read mails": "SELECT * FROM mail",
    "write mails for others": "INSERT INTO mail (kind, to_address, to_name, subject, company_id, created_at,"
    " next_attempt_at) SELECT 'x', 'x', 'x', 'x', id, now(), now() FROM company WHERE id <> sdes_company()",
    "send mails again": "UPDATE mail SET sent_at = NULL",
    "widen a key": "UPDATE api_key SET scopes = '{}'",
    "use a link again": "UPDATE account_link SET expires_at = now()",
    "qualify itself": "UPDATE company SET is_qualified = NOT is_qualified",
    "move a person": "UPDATE person SET company = company",
    "lengthen a session": "UPDATE session SET expires_at = expires_at + interval '1 year'",
    "hand a session to somebody": "UPDATE session SET person = person",
    "read in another's name": "UPDATE reading SET person = person",
    "write in another's draft's name": "UPDATE draft SET person = person",
    "change the catalogue": "UPDATE process_route SET to_role = 'X'",
    "write under another company's person": "INSERT INTO message (communication, number, company, company_name, mpid,"
    " person, person_name, level, kind, text, sent_at) SELECT o.communication, 99, w.company, w.company_name, w.mpid,"
    " o.person, o.person_name, 1, 'message', 'x', now() FROM message o JOIN message w USING (communication)"
    " WHERE o.communication = $1 AND o.number = 2 AND w.number = 1",
    "write under nobody's name": "INSERT INTO message (communication, number, company, company_name, mpid, person_name,"
    " level, kind, text, sent_at) SELECT communication, 98, company, company_name, mpid, person_name, 1, 'message',"
    " 'x', now() FROM message WHERE communication = $1 AND number = 1",
    "write under the other's MPID": "INSERT INTO message (communication, number, company, company_name, mpid, person,"
    " person_name, level, kind, text, sent_at) SELECT w.communication, 97, w.company, w.company_name, o.mpid, w.person,"
    " w.person_name, 1, 'message', 'x', now() FROM message o JOIN message w USING (communication)"
    " WHERE o.communication = $1 AND o.number = 2 AND w.number = 1",
    "begin a level in another company's person's name": "INSERT INTO communication_level (communication, number, name,"
    " started_at, started_by, person_name, reason) SELECT communication, 9, 'x', now(), company_name, person_name, ''"
    " FROM message WHERE communication = $1 AND number = 2",
    "read in another company's person's name": "INSERT INTO reading (company, communication, person, number, viewed_at,"
    " sessions) SELECT sdes_company(), communication, person, 1, now(), '{}' FROM message"
    " WHERE communication = $1 AND number = 2 ON CONFLICT DO NOTHING",
    "draft in another company's person's name": "INSERT INTO draft (id, company, person, communication, fields,"
    " updated_at) SELECT gen_random_uuid(), sdes_company(), person, communication, '{}', now() FROM message"
    " WHERE communication = $1 AND number = 2",
    "have another company's person own it": "UPDATE communication_party SET owner = m.person FROM message m"
    " WHERE communication_party.communication = $1 AND m.communication = $1 AND m.number = 2",
}


@pytest.mark.spec("SD 9.2(d)")
async def test_what_not_even_a_party_may_do(other_matter: Matter) -> None:
    done = []
    for deed, statement in NOT_EVEN_A_PARTY.items():
        try:
            async with as_web(other_matter.companies[0]):
                await db.fetch(statement, *((other_matter.id,) if "$1" in statement else ()))
        except REFUSED:
            continue
        done.append(deed)
    assert not done, f"the web's login can: {', '.join(done)}: mend the rules in database/policies.py"


async def test_an_outsider_changes_nothing_of_others(matter: Matter, other_matter: Matter) -> None:
    """Every column that the web's login may write at all, in every table, without a where-clause. What is written is
    a value of the outsider's own: to read the old one would bring in the policies on reading."""
    outsider = other_matter.companies[1]
    for table in TABLES:
        before = await _foreign(table, outsider)
        assert before, f"{table}: nothing in it is another company's, so nothing is proven"
        (own, *_) = await _own(table, outsider)
        for column in await _columns_to_write(table):
            value = f'(jsonb_populate_record(NULL::"{table}", $1))."{column}"'
            with suppress(REFUSED, asyncpg.IntegrityConstraintViolationError):
                async with as_web(outsider):
                    await db.fetch(f'UPDATE "{table}" SET "{column}" = {value}', own)
        assert await _foreign(table, outsider) == before, (
            f"{table}: the outsider has written to rows of others: mend its rule in database/policies.py"
        )


async def test_an_outsider_deletes_nothing_of_others(matter: Matter, other_matter: Matter) -> None:
    outsider = other_matter.companies[1]
    for table in TABLES:
        before = await _foreign(table, outsider)
        with suppress(REFUSED):
            async with as_web(outsider):
                await db.fetch(f'DELETE FROM "{table}"')
        assert (await _foreign(table, outsider)).keys() == before.keys(), (
            f"{table}: the outsider has deleted rows of others: mend its rule in database/policies.py"
        )


async def test_an_outsider_adds_nothing_in_the_name_of_others(matter: Matter, other_matter: Matter) -> None:
    """A copy of each row of others, of each table, under a new id."""
    outsider = other_matter.companies[1]
    for table in TABLES:
        rows = await _foreign(table, outsider)
        assert rows, f"{table}: nothing in it is another company's, so nothing is proven"
        for row in rows.values():
            copy = {**row, "id": str(uuid4()) if isinstance(row["id"], str) else 10_000_000 + row["id"]}
            copy.pop("place")
            try:
                async with as_web(outsider):
                    await insert(table, copy)
            except REFUSED:
                continue
            pytest.fail(f"{table}: the outsider has added a row of others: mend its rule in database/policies.py")


async def test_a_file_is_added_before_its_check(matter: Matter) -> None:
    """The verdict is the worker's to write (SD 8.4)."""
    mine, _ = matter.companies
    (row,) = await db.fetch("SELECT to_jsonb(a) AS row FROM attachment a WHERE id = $1", matter.draft_attachment)
    pending = {**json.loads(row["row"]), "id": str(uuid4()), "state": "pending", "checked_at": None}
    for forged in ({"state": "clean"}, {"state": "failed"}, {"checked_at": clock.now().isoformat()}):
        with pytest.raises(REFUSED):
            async with as_web(mine):
                await insert("attachment", {**pending, **forged})
    async with as_web(mine):
        await insert("attachment", pending)


@pytest.mark.parametrize("change", ["is_sent = false", "audience = ARRAY[company]"])
async def test_a_file_that_was_sent_is_not_taken_back(matter: Matter, change: str) -> None:
    async with as_web(matter.companies[0]):
        seen = await db.fetch("SELECT 1 FROM attachment WHERE id = $1", matter.attachment)
        changed = await db.fetch(f"UPDATE attachment SET {change} WHERE id = $1 RETURNING id", matter.attachment)
    assert (len(seen), changed) == (1, [])


async def test_files_of_others_are_neither_shown_nor_sent_nor_kept(matter: Matter, other_matter: Matter) -> None:
    async with as_web(other_matter.companies[0]):
        widened = await db.fetch(
            "UPDATE attachment SET audience = audience || $1::bigint WHERE id = $2 RETURNING id",
            other_matter.companies[0],
            matter.attachment,
        )
        assert widened == []
        (message,) = await db.fetch("SELECT min(id) AS id FROM message WHERE communication = $1", other_matter.id)
    with pytest.raises(REFUSED):
        async with as_web(other_matter.companies[0]):
            await db.fetch(
                "INSERT INTO message_attachment (communication, message, attachment) VALUES ($1, $2, $3)",
                other_matter.id,
                message["id"],
                matter.draft_attachment,
            )
    with pytest.raises(REFUSED):
        async with as_web(other_matter.companies[0]):
            await db.fetch(
                "INSERT INTO draft_attachment (company, draft, attachment) VALUES ($1, $2, $3)",
                other_matter.companies[0],
                other_matter.draft,
                matter.draft_attachment,
            )


async def test_a_file_that_the_other_party_sent_is_not_widened(matter: Matter, other_matter: Matter) -> None:
    """Its reader may see it, and show it to nobody else."""
    sender, reader = matter.companies
    async with as_web(reader):
        seen = await db.fetch("SELECT 1 FROM attachment WHERE id = $1", matter.attachment)
        widened = await db.fetch(
            "UPDATE attachment SET audience = $1 WHERE id = $2 RETURNING id",
            [sender, reader, other_matter.companies[0]],
            matter.attachment,
        )
    assert len(seen) == 1
    assert widened == []


async def test_password_hashes_of_other_companies_are_not_read(matter: Matter) -> None:
    everybody = await db.fetch("SELECT id, company, password_hash FROM person")
    assert all(person["password_hash"] for person in everybody)
    async with as_web(matter.companies[0]):
        seen = await db.fetch("SELECT company, password_hash FROM person")
    assert {row["company"] for row in seen} == {matter.companies[0]}
    assert len(seen) < len(everybody)


async def test_a_session_for_somebody_of_another_company_opens_nothing(matter: Matter, settings: Settings) -> None:
    mine, theirs = matter.companies
    (victim,) = await db.fetch("SELECT id FROM person WHERE company = $1 ORDER BY id LIMIT 1", theirs)
    token, now = new_token(), clock.now()
    with pytest.raises(REFUSED, match="row-level security"):
        async with as_web(mine):
            await db.fetch(
                "INSERT INTO session (company, person, token_hash, stage, method, created_at, last_seen_at, expires_at,"
                " address, browser) VALUES ($1, $2, $3, 'full', 'password', $4, $4, $5, '', '')",
                mine,
                victim["id"],
                token_hash(token),
                now,
                now + settings.session_absolute,
            )
    visit = await enter(token, settings.session_idle, is_visit=True, request_id="")
    assert not visit.actor.is_signed_in


async def _own(table: str, company: int) -> list[str]:
    async with as_web(company):
        return [row["row"] for row in await db.fetch(f'SELECT to_jsonb(t)::text AS row FROM "{table}" t')]


async def _foreign(table: str, company: int) -> dict[Any, dict[str, Any]]:
    """The rows, with the place of its present version, that the web's login for `company` does not see."""
    async with as_web(company):
        own = {row["id"] for row in await db.fetch(f'SELECT id FROM "{table}"')}
    rows = await db.fetch(f'SELECT t.id, to_jsonb(t) AS row, t.ctid::text AS place FROM "{table}" t')
    return {row["id"]: {**json.loads(row["row"]), "place": row["place"]} for row in rows if row["id"] not in own}


async def _columns_to_write(table: str) -> list[str]:
    rows = await db.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1"
        " AND has_column_privilege('sdes_web', $1, column_name, 'UPDATE')",
        table,
    )
    return [row["column_name"] for row in rows]
