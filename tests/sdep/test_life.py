"""The whole life of a communication by the clock, from sending to its deletion, and what is left of it then."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar

from jobs.sdep import sdep_archive, sdep_delete
from sdes.attachments.scanner import Scanner
from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from sdes.settings import Settings
from tests.support.communications import MPAN, checked, count, post_reply, replied, sent
from tests.support.people import Browser, session_for
from tests.support.traces import blobs_of_files, traces

pytestmark = pytest.mark.anyio

BEGINNING = datetime(2026, 11, 2, 10, tzinfo=UTC)
ARCHIVE, DELETE = timedelta(hours=23, minutes=30), timedelta(hours=23, minutes=45)  # after midnight
ASHA, NILS = "asha@brightwatt.example", "nils@northgrid.example"
WORDS = {
    "subject": "Wombatine",
    "text": "Xylophonic",
    "reply": "Quokkaesque",
    "tag": "narwhalish",
    "reason": "Pangolinate",
    "draft": "Echidnaform",
    "file": "platypusplan",
    "content": "marsupialia",
    "waiting file": "axolotllist",
    "pending file": "capybarabook",
    "an item": MPAN,
}

At = Callable[[str, datetime], Awaitable[Browser]]


@pytest.fixture
def at(app: Litestar, settings: Settings, db: None) -> Any:
    """Somebody who signs in at that time, while the clock stands still."""

    @asynccontextmanager
    async def somebody(email: str, moment: datetime) -> AsyncIterator[Browser]:
        with clock.at(moment):
            yield Browser(app, settings, await session_for(email, settings))

    return somebody


def night(days: int) -> datetime:
    """The midnight that begins the day so many days after the beginning."""
    return BEGINNING.replace(hour=0) + timedelta(days=days)


async def archive(days: int) -> None:
    with clock.at(night(days) + ARCHIVE):
        await sdep_archive({})


async def delete(days: int, vault: Vault) -> None:
    with clock.at(night(days) + DELETE):
        await sdep_delete({"vault": vault})


async def status(reference: str) -> str:
    rows = await db.fetch("SELECT archived_at FROM communication WHERE reference = $1", reference)
    return "deleted" if not rows else "archived" if rows[0]["archived_at"] else "active"


async def lived(at: Any, vault: Vault, scanner: Scanner) -> str:
    """A communication of many words, of both companies, and of drafts that were never sent; gives its reference."""
    async with at(ASHA, BEGINNING) as asha:
        file = (f"{WORDS['file']}.txt", WORDS["content"].encode())
        reference = await sent(asha, [file], subject=WORDS["subject"], text=WORDS["text"], code="PT0131")
        await checked(vault, scanner)
    async with at(NILS, BEGINNING + timedelta(hours=1)) as nils:
        await nils.get(f"/sdep/communications/{reference}")
        await replied(nils, reference, WORDS["reply"], tag=WORDS["tag"])
    async with at(ASHA, BEGINNING + timedelta(hours=2)) as asha:
        fields = {"draft_id": str(uuid4()), "text": WORDS["reason"], "from_level": "1"}
        answer = await asha.post(f"/sdep/communications/{reference}/escalation", fields)
        assert answer.status_code == 303, answer.text
        pending = (f"{WORDS['pending file']}.txt", WORDS["content"].encode())
        await replied(asha, reference, "And a file", [pending])
    async with at(NILS, BEGINNING + timedelta(hours=3)) as nils:
        await nils.get(f"/sdep/communications/{reference}")
        draft, file = str(uuid4()), (f"{WORDS['waiting file']}.txt", WORDS["content"].encode())
        answer = await post_reply(nils, reference, "", [file], draft_id=draft)
        assert answer.status_code == 422, "an empty message is not sent; its file waits with the draft"
        await nils.post(f"/sdep/drafts/{draft}", {"reference": reference, "text": WORDS["draft"]})
    return reference


@pytest.mark.spec("SD 13.1")
@pytest.mark.spec("SD 14.1")
@pytest.mark.spec("SD 14.4")
@pytest.mark.spec("SL 7")
async def test_from_sending_to_deletion(at: Any, vault: Vault, scanner: Scanner, app: Litestar) -> None:
    app.state.vault = vault
    reference = await lived(at, vault, scanner)
    before = await traces(WORDS.values(), vault)
    missing = [name for name, word in WORDS.items() if not before[word] and name != "content"]
    assert not missing, f"the search does not find what is there: {missing}"
    assert len(await blobs_of_files(vault)) == 3

    await archive(29)
    assert await status(reference) == "active", "it is archived on the 30th day"
    await archive(30)
    assert await status(reference) == "archived"
    await delete(45, vault)
    async with at(NILS, night(45) + timedelta(hours=9)) as nils:
        await replied(nils, reference, "One more")
    assert await status(reference) == "active", "a message makes it active again"
    await delete(62, vault)
    await archive(74)
    assert await status(reference) == "active", "30 days are counted from the latest message"
    await archive(75)
    assert await status(reference) == "archived"
    async with at(ASHA, night(76) + timedelta(hours=9)) as asha:
        page = await asha.get(f"/sdep/communications/{reference}")
        assert WORDS["text"] in page.text, "archived communications are viewed (SD 14.1)"
    await delete(104, vault)
    assert await status(reference) == "archived"
    await delete(105, vault)
    assert await status(reference) == "deleted"

    after = await traces(WORDS.values(), vault, samples=True)
    assert {word: places for word, places in after.items() if places} == {}
    assert await blobs_of_files(vault) == []
    for table in ("draft", "draft_attachment", "attachment", "notification", "reading", "communication_search"):
        assert await count(table) == 0, table
    await look_for_what_is_left(at, reference)


async def look_for_what_is_left(at: Any, reference: str) -> None:
    """The audit history, by the reference, for both parties and for nobody else (SD 13.1)."""
    for email in (ASHA, NILS):
        async with at(email, night(110)) as party:
            for path in ("", "/audit"):
                page = await party.get(f"/sdep/communications/{reference}{path}")
                assert page.status_code == 410
                for said in (
                    "was deleted",
                    "Asha Rahman",
                    "Nils",
                    "Viewed",
                    "Escalated",
                    "Sent",
                    "Archived",
                    "Deleted",
                ):
                    assert said in page.text, said
    async with at("otto@clearvolt.example", night(110)) as otto:
        assert (await otto.get(f"/sdep/communications/{reference}")).status_code == 404
    rows = await db.fetch("SELECT * FROM audit_entry WHERE subject = $1", reference)
    assert all(row["process"] and row["fuel"] and row["at"] for row in rows), "process, fuel and time are kept"
    (kept,) = await db.fetch("SELECT * FROM deleted_communication WHERE reference = $1", reference)
    assert kept["blobs"] == []
