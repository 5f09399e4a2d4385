"""Deletion by the clock: what is kept, what the store may do meanwhile, and that a restored backup forgets again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from jobs.attachments import attachments_tidy
from jobs.sdep import sdep_archive, sdep_delete, sdep_replay_deletions
from sdes.attachments import checking
from sdes.attachments.scanner import Scanner
from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from sdes.kit.errors import Unavailable
from tests.support.communications import attachment, checked, count, replied, sent
from tests.support.people import HTMX, Browser, SignIn
from tests.support.traces import blobs_of_files

pytestmark = pytest.mark.anyio

BEGINNING = datetime(2026, 11, 2, 10, tzinfo=UTC)
ARCHIVED = BEGINNING + timedelta(days=31)
DELETED = ARCHIVED + timedelta(days=31)
# Parents first, as a restore brings them back.
TABLES = (
    *("communication", "communication_party", "communication_level", "communication_search", "message"),
    *("attachment", "message_attachment", "reading"),
)


@pytest.fixture
async def reference(asha: Browser, nils: Browser, vault: Vault, scanner: Scanner) -> str:
    """A communication with an answer and a file, archived by now."""
    with clock.at(BEGINNING):
        made = await sent(asha, [("plan.txt", b"the plan")], subject="Wombatine")
        await checked(vault, scanner)
        await replied(nils, made, "Xylophonic")
    with clock.at(ARCHIVED):
        await sdep_archive({})
    return made


async def delete(vault: Vault, later: timedelta = timedelta()) -> None:
    with clock.at(DELETED + later):
        await sdep_delete({"vault": vault})


async def ledger(vault: Vault) -> list[str]:
    return [blob.key async for blob in vault.blobs.keys("deletions")]


async def rows_of(table: str) -> list[Any]:
    return [row["row"] for row in await db.fetch(f'SELECT to_jsonb(t) AS row FROM "{table}" t')]


async def restore(kept: dict[str, list[Any]]) -> None:
    for table, rows in kept.items():
        for row in rows:
            await db.fetch(f'INSERT INTO "{table}" SELECT * FROM jsonb_populate_record(NULL::"{table}", $1)', row)


async def restore_blob(vault: Vault, key: str) -> None:
    async with vault.blobs.writer(key) as blob:
        await blob.write(b"sealed")


@pytest.mark.spec("SD 14.4")
async def test_facts_are_kept_for_audit_and_reports(reference: str, vault: Vault) -> None:
    (before,) = await db.fetch("SELECT * FROM communication")
    await delete(vault)
    (kept,) = await db.fetch("SELECT * FROM deleted_communication")
    assert (kept["communication"], kept["reference"]) == (before["id"], reference)
    assert (kept["created_at"], kept["archived_at"], kept["deleted_at"]) == (BEGINNING, ARCHIVED, DELETED)
    facts = json.loads(kept["facts"])
    assert [(one["number"], one["person_name"], one["kind"], one["level"]) for one in facts["messages"]] == [
        (1, "Asha Rahman", "message", 1),
        (2, "Nils Andersen", "message", 1),
    ]
    assert [message["company"] for message in facts["messages"]] == kept["companies"]
    (level,) = facts["levels"]
    assert (level["number"], datetime.fromisoformat(level["responded_at"])) == (1, BEGINNING)
    assert await blobs_of_files(vault) == []


@pytest.mark.spec("SD 14.4")
async def test_not_a_day_too_early(reference: str, vault: Vault) -> None:
    await delete(vault, timedelta(days=-2, hours=13, minutes=59))
    assert await count("communication") == 1
    assert len(await blobs_of_files(vault)) == 1


async def test_others_are_left(reference: str, vault: Vault, asha: Browser) -> None:
    other = await sent(asha, [("map.txt", b"the map")])
    await delete(vault)
    assert [row["reference"] for row in await db.fetch("SELECT reference FROM communication")] == [other]
    assert await blobs_of_files(vault) == [(await attachment("map.txt"))["blob"]]
    assert await count("communication_party") == 2


async def test_what_cannot_be_noted_is_not_deleted(reference: str, vault: Vault, tmp_path: Path) -> None:
    """The store of files is away: a backup would bring it back, and nobody would know."""
    (tmp_path / "blobs").rename(tmp_path / "away")
    with pytest.raises(Unavailable):
        await delete(vault)
    assert await count("communication") == 1
    assert await count("deleted_communication") == 0
    (tmp_path / "away").rename(tmp_path / "blobs")
    await delete(vault)
    assert await count("communication") == 0


async def test_blobs_that_an_earlier_run_has_left_are_removed(reference: str, vault: Vault) -> None:
    """As when the worker was killed between the commit and the store."""
    await delete(vault)
    await restore_blob(vault, "ab/left")
    await db.fetch("UPDATE deleted_communication SET blobs = '{ab/left,ab/never-there}'")
    await delete(vault, timedelta(days=1))
    assert await blobs_of_files(vault) == []
    assert await count("deleted_communication", "blobs = '{}'") == 1


@pytest.mark.spec("SD 8.4")
async def test_a_file_that_is_deleted_while_it_is_checked(
    asha: Browser, vault: Vault, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.at(BEGINNING):
        await sent(asha, [("plan.txt", b"the plan")])
    file = UUID(str((await attachment("plan.txt"))["id"]))
    with clock.at(ARCHIVED):
        await sdep_archive({})
    inspected = checking._inspected

    async def and_deleted_meanwhile(*words: Any) -> Any:
        verdict = await inspected(*words)
        await delete(vault)
        return verdict

    monkeypatch.setattr(checking, "_inspected", and_deleted_meanwhile)
    told: list[UUID] = []

    async def tell(of: UUID) -> None:
        told.append(of)

    assert await checking.check(vault, scanner, file, tell) == file
    assert told == []
    assert await count("attachment") == 0
    assert await blobs_of_files(vault) == []


@pytest.mark.spec("SD 14.4")
async def test_a_restored_backup_forgets_again(reference: str, vault: Vault, asha: Browser) -> None:
    """Rows and blobs come back; whatever was written since stays."""
    kept, blobs = {table: await rows_of(table) for table in TABLES}, await blobs_of_files(vault)
    await delete(vault)
    other = await sent(asha)
    await restore(kept)
    for blob in blobs:
        await restore_blob(vault, blob)
    assert await count("communication") == 2
    with clock.at(DELETED + timedelta(days=3)):
        await sdep_replay_deletions({"vault": vault})
    assert [row["reference"] for row in await db.fetch("SELECT reference FROM communication")] == [other]
    for table in ("communication_search", "communication_party"):
        assert await count(table) == 2, table
    assert await count("attachment") == 0
    assert await blobs_of_files(vault) == []
    (row,) = await db.fetch("SELECT * FROM deleted_communication")
    assert (row["reference"], row["deleted_at"], row["blobs"]) == (reference, DELETED, [])


async def test_a_backup_of_before_it_was_archived_forgets_too(reference: str, vault: Vault) -> None:
    kept = {table: await rows_of(table) for table in TABLES}
    await delete(vault)
    kept["communication"][0] = json.dumps({**json.loads(kept["communication"][0]), "archived_at": None})
    await db.fetch("DELETE FROM deleted_communication")
    await restore(kept)
    await sdep_replay_deletions({"vault": vault})
    assert await count("communication") == 0
    assert await count("deleted_communication", "deleted_at = $1", DELETED) == 1


async def test_another_communication_with_the_number_of_a_deleted_one_is_left(reference: str, vault: Vault) -> None:
    """After a restore numbers are given again."""
    kept = {table: await rows_of(table) for table in TABLES}
    await delete(vault)
    await restore(kept)
    await db.fetch("UPDATE communication SET created_at = created_at + interval '1 second'")
    await sdep_replay_deletions({"vault": vault})
    assert await count("communication") == 1


async def test_the_ledger_stays_and_holds_no_words(reference: str, vault: Vault, tmp_path: Path) -> None:
    await delete(vault)
    with clock.at(DELETED + timedelta(days=400)):
        await attachments_tidy({"vault": vault})
    (key,) = await ledger(vault)
    assert key.startswith(f"deletions/{DELETED.date()}/")
    told = json.loads((tmp_path / "blobs" / key).read_text())
    assert told.keys() == {"deleted_at", "communications"}
    (line,) = told["communications"]
    assert line.keys() == {"id", "reference", "created_at", "last_message_at", "archived_at"}
    assert line["reference"] == reference


@pytest.mark.spec("SD 13.1")
async def test_who_could_have_seen_it_is_told_that_it_was_deleted(
    reference: str, vault: Vault, asha: Browser, ben: Browser, nils: Browser, otto: Browser, sign_in: SignIn
) -> None:
    await delete(vault)
    for browser in (asha, ben, nils):
        page = await browser.get(f"/sdep/communications/{reference}/audit")
        assert page.status_code == 410
        assert f"{reference} was deleted" in page.text
        assert "a file that is no longer there" in page.text
        assert "Wombatine" not in page.text
    for browser in (otto, await sign_in("cleo@calder.example")):
        assert (await browser.get(f"/sdep/communications/{reference}")).status_code == 404
    for path in ("/transcript.csv", "/attachments", "/attachments.zip"):
        assert (await asha.get(f"/sdep/communications/{reference}{path}")).status_code in (404, 410)


@pytest.mark.spec("SD 13.1")
async def test_who_is_not_assigned_to_the_process_is_told_nothing(reference: str, vault: Vault, asha: Browser) -> None:
    await delete(vault)
    await db.fetch("DELETE FROM assignment a USING person p WHERE p.id = a.person AND p.email_key LIKE 'asha@%'")
    assert (await asha.get(f"/sdep/communications/{reference}")).status_code == 404


@pytest.mark.parametrize("days", [20, 1, 0])
async def test_an_archived_communication_counts_down(reference: str, sign_in: SignIn, days: int) -> None:
    with clock.at(ARCHIVED + timedelta(days=30 - days)):
        page = (await (await sign_in("nils@northgrid.example")).get(f"/sdep/communications/{reference}")).text
    said = " ".join(page.split())
    assert {20: "in 20 days", 1: "tomorrow", 0: "today"}[days] in said
    assert f'href="/sdep/communications/{reference}/transcript.csv"' in page
    assert f'href="/sdep/communications/{reference}/attachments.zip"' in page


async def test_the_countdown_of_an_open_page_ends_when_the_other_side_writes(
    reference: str, asha: Browser, nils: Browser
) -> None:
    assert "Deletes " in (await asha.get(f"/sdep/communications/{reference}/audit")).text
    await replied(nils, reference, "One more")
    answer = await asha.get(f"/sdep/communications/{reference}/messages?after=2", headers=HTMX)
    assert '<div id="countdown" hx-swap-oob="true">\n</div>' in answer.text
    assert "Deletes " not in answer.text
