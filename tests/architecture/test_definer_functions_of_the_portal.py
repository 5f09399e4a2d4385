"""The portal's functions that run past row-level security: search words, notifications, what lists read."""

from typing import Any

import asyncpg
import pytest

from sdes.catalogue.rules import NEVER_ESCALATED
from sdes.kit import clock, db
from sdes.sdep.rules import Rules
from tests.architecture.matter import Matter
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

REFUSED = asyncpg.InsufficientPrivilegeError
NOTIFY = "SELECT sdep_notify($1, $2, $3)"
REPORTED = (
    "SELECT * FROM sdep_report_communications($1, NULL, NULL, NULL, NULL, NULL, true)",
    "SELECT * FROM sdep_report_messages($1, NULL, NULL, NULL, NULL, NULL, NULL)",
    "SELECT * FROM sdep_report_levels($1, '-infinity', 'infinity', NULL, NULL, true)",
)
FOUND = "SELECT * FROM sdep_found(sdep_query($1, ''), 10) AS id"


async def test_only_a_party_adds_words(matter: Matter, other_matter: Matter) -> None:
    for company in (*other_matter.companies, None):
        for statement in ("SELECT sdep_index($1, 'planted')", "SELECT sdep_index_tags($1, 'planted')"):
            with pytest.raises(REFUSED, match="only a party"):
                async with as_web(company):
                    await db.fetch(statement, matter.id)


async def test_words_are_found_by_both_parties_and_tags_by_their_own_company(
    matter: Matter, other_matter: Matter
) -> None:
    sender, recipient = matter.companies
    async with as_web(sender):
        await db.fetch("SELECT sdep_index($1, 'zeppelin')", matter.id)
        await db.fetch("SELECT sdep_index_tags($1, 'ourtag')", matter.id)
    assert await _found(sender, "zeppelins") == await _found(recipient, "zeppelin") == [matter.id]
    assert (await _found(sender, "ourtag"), await _found(recipient, "ourtag")) == ([matter.id], [])
    for stranger in (*other_matter.companies, None):
        assert await _found(stranger, "zeppelin") == await _found(stranger, "ourtag") == []


async def test_a_query_that_names_another_company_finds_nothing_of_it(matter: Matter, other_matter: Matter) -> None:
    """The query is the caller's to write: the company is asked of the row as well."""
    sender, outsider = matter.companies[0], other_matter.companies[1]
    async with as_web(sender):
        await db.fetch("SELECT sdep_index($1, 'zeppelin')", matter.id)
    foreign = f"'{sender}:zeppelin'"
    async with as_web(outsider):
        assert not await db.fetch("SELECT * FROM sdep_found($1::text::tsquery, 10)", foreign)
        (told,) = await db.fetch("SELECT sdep_matches($1, $2::text::tsquery) AS yes", matter.id, foreign)
    assert told["yes"] is False


async def test_tags_that_are_gone_are_not_found_and_words_stay(matter: Matter) -> None:
    sender = matter.companies[0]
    async with as_web(sender):
        await db.fetch("SELECT sdep_index($1, 'zeppelin')", matter.id)
        await db.fetch("SELECT sdep_index_tags($1, 'first second')", matter.id)
        await db.fetch("SELECT sdep_index_tags($1, 'second')", matter.id)
    assert await _found(sender, "first") == []
    assert await _found(sender, "second") == await _found(sender, "zeppelin") == [matter.id]


@pytest.mark.parametrize("asked", ["it's", "a\\b", "%", "&", "'", "\\", "a:*|b", "!x", "(", "the"])
async def test_no_words_break_the_query(matter: Matter, asked: str) -> None:
    async with as_web(matter.companies[0]):
        await db.fetch("SELECT sdep_query($1, $2)", [asked, asked], asked)
        await db.fetch(FOUND, [asked])


async def test_only_the_writer_of_a_message_notifies_of_it(matter: Matter, other_matter: Matter) -> None:
    await db.fetch("DELETE FROM notification")
    for company, number in (
        (matter.companies[1], 1),
        (matter.companies[0], 99),
        (other_matter.companies[0], 1),
        (None, 1),
    ):
        with pytest.raises(REFUSED, match="added the message"):
            async with as_web(company):
                await db.fetch(NOTIFY, matter.id, number, clock.now())
    assert not await db.fetch("SELECT 1 FROM notification")


@pytest.mark.spec("SD 11.1(f)")
async def test_the_holders_of_the_level_and_the_owner_are_notified_and_nobody_else(matter: Matter) -> None:
    recipient = matter.companies[1]
    holder, owner, second = await _with_nobody_assigned(matter)
    await _assign(recipient, holder, matter.process_type, 1)
    await _assign(recipient, second, matter.process_type, 2)
    await _owned_by(matter, owner)
    assert await _notified(matter) == sorted((holder, owner))
    rows = await db.fetch("SELECT company, subject, kind, number FROM notification")
    assert {tuple(row) for row in rows} == {(recipient, matter.reference, "message", 1)}
    await db.fetch("UPDATE communication SET level = 2 WHERE id = $1", matter.id)
    await db.fetch("UPDATE person SET state = 'suspended' WHERE id = $1", owner)
    assert await _notified(matter) == [second], "level 1 is not told of level 2, nor who is suspended"


@pytest.mark.spec("SD 11.1(f)")
async def test_where_nobody_holds_the_level_the_next_best_is_notified(matter: Matter) -> None:
    recipient = matter.companies[1]
    holder, suspended, _ = await _with_nobody_assigned(matter)
    (master_admin,) = await db.fetch("SELECT id FROM person WHERE company = $1 AND is_master_admin", recipient)
    assert await _notified(matter) == [master_admin["id"]]
    await _assign(recipient, holder, matter.process_type, 2)
    await _assign(recipient, suspended, matter.process_type, 1)
    await db.fetch("UPDATE person SET state = 'suspended' WHERE id = $1", suspended)
    assert await _notified(matter) == [holder]


async def test_what_both_lists_read_follows_the_communication(matter: Matter) -> None:
    at = clock.now()
    before = {row["company"]: row["changed_at"] for row in await _parties(matter)}
    async with as_web(matter.companies[0]):
        await db.fetch(
            "UPDATE communication SET level = 2, due_at = $2, awaiting = $3, archived_at = $2 WHERE id = $1",
            matter.id,
            at,
            matter.companies[1],
        )
    for party in await _parties(matter):
        assert (party["level"], party["due_at"], party["archived_at"]) == (2, at, at)
        assert party["is_due_from_us"] == (party["company"] == matter.companies[1])
        assert party["changed_at"] > before[party["company"]]


@pytest.mark.spec("SD 11.1(f)")
async def test_nobody_is_notified_of_one_message_twice(matter: Matter) -> None:
    """However often the company that wrote it asks."""
    recipient = matter.companies[1]
    holder, second, _ = await _with_nobody_assigned(matter)
    await _assign(recipient, holder, matter.process_type, 1)
    assert await _notified(matter) == [holder]
    await _assign(recipient, second, matter.process_type, 1)
    for reached in (1, 0):
        async with as_web(matter.companies[0]):
            (told,) = await db.fetch(NOTIFY, matter.id, 1, clock.now())
        assert told["sdep_notify"] == reached, "whoever came meanwhile is told, once"
    rows = await db.fetch("SELECT person FROM notification ORDER BY person")
    assert [row["person"] for row in rows] == [holder, second]


@pytest.mark.spec("SD 11.1(b)i")
async def test_whoever_loses_the_process_type_owns_none_of_it_any_more(matter: Matter) -> None:
    company = matter.companies[1]
    (person, *_) = [
        row["id"] for row in await db.fetch("SELECT id FROM person WHERE company = $1 ORDER BY id", company)
    ]
    await db.fetch("DELETE FROM assignment WHERE person = $1", person)
    await _assign(company, person, matter.process_type, 1)
    await _assign(company, person, matter.process_type, 2)
    await db.fetch(
        "UPDATE communication_party SET owner = $1 WHERE communication = $2 AND company = $3",
        person,
        matter.id,
        company,
    )
    for level, owner in ((1, person), (2, None)):
        async with as_web(company):
            await db.fetch("DELETE FROM assignment WHERE person = $1 AND level = $2", person, level)
        (row,) = [party for party in await _parties(matter) if party["company"] == company]
        assert row["owner"] == owner


async def _with_nobody_assigned(matter: Matter) -> list[int]:
    """Three active people of the recipient, none of whom holds or owns anything of the process type."""
    recipient = matter.companies[1]
    await db.fetch("DELETE FROM assignment WHERE company = $1 AND process_type = $2", recipient, matter.process_type)
    (company,) = await db.fetch("SELECT email_key FROM person WHERE company = $1 AND is_master_admin", recipient)
    people = []
    for name in ("first", "second", "third"):
        (row,) = await db.fetch(
            "INSERT INTO person (company, name, email, email_key, state, password_hash, created_at)"
            " VALUES ($1, $2, $3, $3, 'active', '', now()) RETURNING id",
            recipient,
            name,
            f"{name}.{company['email_key']}",
        )
        people.append(row["id"])
    return people


async def _owned_by(matter: Matter, person: int) -> None:
    await db.fetch(
        "UPDATE communication_party SET owner = $1 WHERE communication = $2 AND company = $3",
        person,
        matter.id,
        matter.companies[1],
    )


async def _notified(matter: Matter) -> list[int]:
    """Who is told of the sender's first message."""
    await db.fetch("DELETE FROM notification")
    async with as_web(matter.companies[0]):
        (told,) = await db.fetch(NOTIFY, matter.id, 1, clock.now())
    rows = await db.fetch("SELECT person FROM notification ORDER BY person")
    assert told["sdep_notify"] == len(rows)
    return [row["person"] for row in rows]


@pytest.mark.parametrize("call", REPORTED)
async def test_reports_are_given_each_company_s_own_alone(matter: Matter, other_matter: Matter, call: str) -> None:
    """Whichever company is named: none but the calling one's own is given."""
    await db.fetch("UPDATE communication_level SET due_at = now()")
    everybody = (*matter.companies, *other_matter.companies, None)
    for company in everybody:
        parties = await db.fetch("SELECT communication FROM communication_party WHERE company = $1", company)
        async with as_web(company):
            given = {named: await db.fetch(call, named) for named in everybody}
        assert {row["communication"] for row in given.pop(company)} == {row["communication"] for row in parties}
        assert bool(parties) == (company is not None)
        assert not any(given.values())


@pytest.mark.parametrize("call", REPORTED)
async def test_reports_are_given_no_words(matter: Matter, call: str) -> None:
    async with as_web(matter.companies[0]):
        (row, *_) = [row for row in await db.fetch(call, matter.companies[0]) if row["communication"] == matter.id]
    assert {value for value in row.values() if isinstance(value, str)} <= {"sender", "recipient"}


async def _assign(company: int, person: int, process: int, level: int) -> None:
    await db.fetch(
        "INSERT INTO assignment (company, person, process_type, level, is_default_contact)"
        " VALUES ($1, $2, $3, $4, false)",
        company,
        person,
        process,
        level,
    )


async def _found(company: int | None, word: str) -> list[int]:
    async with as_web(company):
        return [row["id"] for row in await db.fetch(FOUND, [word])]


async def _parties(matter: Matter) -> list[Any]:
    return await db.fetch("SELECT * FROM communication_party WHERE communication = $1", matter.id)


@pytest.mark.spec("SD 11.1(e)")
@pytest.mark.parametrize("contact_type", sorted(NEVER_ESCALATED))
async def test_what_the_catalogue_never_escalates_is_opened_so(matter: Matter, contact_type: str) -> None:
    """Whatever levels it has: the database knows the same contact types as `catalogue/rules.py`."""
    (mine,) = await db.fetch("SELECT id FROM market_participant WHERE mpid = 'BRWT'")
    (theirs,) = await db.fetch("SELECT id FROM market_participant WHERE mpid = 'NORG'")
    await db.fetch("DELETE FROM process_level WHERE process_type = $1 AND number > 1", matter.process_type)
    await db.fetch(
        "INSERT INTO process_level (process_type, number, name, response_amount, response_unit)"
        " VALUES ($1, 2, 'Final escalation', 2, 'WD')",
        matter.process_type,
    )
    for named, may_escalate in (("Escalation", True), (contact_type, False)):
        await db.fetch("UPDATE process_type SET contact_type = $1 WHERE id = $2", named, matter.process_type)
        async with as_web(matter.companies[0]):
            (opened,) = await db.fetch(
                "SELECT communication_id AS id FROM sdep_open_communication($1, $2, $3, 'about', '[]', $4, $4)",
                matter.process_type,
                mine["id"],
                theirs["id"],
                clock.now(),
            )
        (kept,) = await db.fetch("SELECT rules FROM communication WHERE id = $1", opened["id"])
        assert Rules.read(kept["rules"]).may_escalate == may_escalate
