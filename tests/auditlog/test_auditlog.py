"""The audit log: who did what, of which fuel and process, when; for its audience alone, for ever (SD 13.1)."""

from datetime import UTC, datetime

import asyncpg
import pytest

from sdes import auditlog
from sdes.actor import Actor
from sdes.attachments.scanner import Scanner
from sdes.attachments.vault import Vault
from sdes.auditlog.queries import count_about, entries_about
from sdes.kit import clock, db
from tests.support.communications import checked, replied, sent
from tests.support.people import Browser
from tests.support.world import as_web

pytestmark = pytest.mark.anyio


@pytest.mark.spec("SD 13.1")
async def test_an_entry_holds_who_what_fuel_process_and_when(asha: Browser) -> None:
    actor = await asha.actor()
    moment = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    with clock.at(moment):
        await auditlog.record(
            actor, "sdep.communication.sent", subject="SC1", process="Missing Reading", fuel="Gas", detail="Level 1"
        )
    row = (await db.fetch("SELECT * FROM audit_entry WHERE subject = 'SC1'"))[0]
    assert (row["person_id"], row["person_name"]) == (actor.person_id, "Asha Rahman")
    assert (row["company_id"], row["company_name"]) == (actor.company_id, "Brightwatt Energy")
    assert (row["event"], row["process"], row["fuel"]) == ("sdep.communication.sent", "Missing Reading", "Gas")
    assert (row["at"], row["detail"], row["request_id"]) == (moment, "Level 1", actor.request_id)


@pytest.mark.spec("SD 13.1")
async def test_every_step_of_a_communication_is_there_in_its_order(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await nils.get(f"/sdep/communications/{reference}")
    await replied(nils, reference)
    rows = await db.fetch("SELECT * FROM audit_entry WHERE subject = $1 ORDER BY id", reference)
    assert [(row["event"], row["person_name"]) for row in rows] == [
        ("sdep.communication.sent", "Asha Rahman"),
        ("sdep.communication.viewed", "Nils Andersen"),
        ("sdep.message.added", "Nils Andersen"),
    ]
    assert {row["fuel"] for row in rows} == {"Electricity"}
    assert {row["process"] for row in rows} == {"Electricity Disconnection - General Query"}
    assert all(row["request_id"] for row in rows)


@pytest.mark.spec("SD 13.1")
async def test_it_outlives_the_communication_and_those_who_wrote_it(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await replied(nils, reference)
    actor = await nils.actor()
    before = await entries_about(actor, reference)
    assert len(before) == 2
    await db.fetch("DELETE FROM communication WHERE reference = $1", reference)
    await db.fetch("UPDATE person SET name = '', email = '', state = 'deleted' WHERE name = 'Asha Rahman'")
    assert await entries_about(actor, reference) == before
    assert {entry.person_name for entry in before} == {"Asha Rahman", "Nils Andersen"}


async def test_only_its_audience_reads_it(asha: Browser, nils: Browser, cleo: Browser, otto: Browser) -> None:
    reference = await sent(asha)
    for browser, sees in ((asha, 1), (nils, 1), (cleo, 0), (otto, 0)):
        actor = await browser.actor()
        assert len(await entries_about(actor, reference)) == await count_about(actor, reference) == sees
    nobody = Actor.nobody()
    assert await entries_about(nobody, reference) == []


async def test_whoever_writes_an_entry_may_read_it(asha: Browser, nils: Browser) -> None:
    ours, theirs = await asha.actor(), await nils.actor()
    await auditlog.record(ours, "accounts.password.changed", subject="me")
    assert len(await entries_about(ours, "me")) == 1
    assert await entries_about(theirs, "me") == []


async def test_newest_first_and_never_more_than_asked_for(asha: Browser) -> None:
    actor = await asha.actor()
    for n in range(5):
        await auditlog.record(actor, "sdep.message.added", subject="SC1", detail=str(n))
    assert [entry.detail for entry in await entries_about(actor, "SC1", limit=3)] == ["4", "3", "2"]
    assert await count_about(actor, "SC1") == 5


@pytest.mark.spec("SD 13.1")
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET detail = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
@pytest.mark.parametrize("is_web", [True, False], ids=["the web", "the owner"])
async def test_nobody_changes_it(asha: Browser, statement: str, is_web: bool) -> None:
    reference = await sent(asha)
    company = (await asha.actor()).company_id
    with pytest.raises(asyncpg.InsufficientPrivilegeError):  # noqa: PT012 (the role belongs to the statement)
        if is_web:
            async with as_web(company):
                await db.fetch(statement)
        else:
            async with db.transaction():
                await db.fetch(statement)
    assert len(await entries_about(await asha.actor(), reference)) == 1


async def test_the_verdict_on_a_file_names_the_fuel_like_every_other_entry(
    asha: Browser, vault: Vault, scanner: Scanner
) -> None:
    reference = await sent(asha, files=(("notes.txt", b"words"),))
    await checked(vault, scanner)
    rows = await db.fetch("SELECT event, fuel FROM audit_entry WHERE subject = $1", reference)
    assert "sdep.attachment.passed" in {row["event"] for row in rows}
    assert {row["fuel"] for row in rows} == {"Electricity"}
