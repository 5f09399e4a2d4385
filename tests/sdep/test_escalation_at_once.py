"""Two who act on one communication at the same moment: one wins, the other is told, and nothing is half done."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest
from litestar import Litestar
from psycopg.rows import dict_row

from sdes.embedded.postgres import EmbeddedPostgres
from sdes.settings import Settings
from tests.support.communications import filled, post_escalation, post_new, post_reply, told
from tests.support.own_database import they_commit
from tests.support.people import Browser

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(e)")]

DATABASE = "sdes_escalation_at_once"
EMAILS = ["asha@brightwatt.example", "ben@brightwatt.example", "nils@northgrid.example"]
LAPSED = datetime(2026, 1, 5, tzinfo=UTC)


class Office:
    """Asha, Ben and Nils at a database where requests commit, and its rows as its owner sees them."""

    def __init__(self, url: str, asha: Browser, ben: Browser, nils: Browser) -> None:
        self.url = url
        self.asha, self.ben, self.nils = asha, ben, nils

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.url, row_factory=dict_row) as owner:
            found = owner.execute(sql, values)
            return found.fetchall() if found.description else []

    async def sent(self) -> str:
        """A communication of three levels whose time to respond has lapsed."""
        answer = await post_new(self.asha, await filled(code="PT0131"))
        reference = answer.headers["location"].split("/")[-1].removesuffix("?sent=1")
        self.rows("UPDATE communication SET due_at = %s WHERE reference = %s", LAPSED, reference)
        return reference

    def state(self, reference: str) -> tuple[int, int, list[int], bool, bool]:
        """Level, number of messages, levels of the messages, whether a response is due, whether archived."""
        (row,) = self.rows("SELECT * FROM communication WHERE reference = %s", reference)
        messages = self.rows("SELECT number, level FROM message WHERE communication = %s ORDER BY number", row["id"])
        levels = self.rows("SELECT number FROM communication_level WHERE communication = %s", row["id"])
        assert sorted(level["number"] for level in levels) == list(range(1, row["level"] + 1))
        assert [message["number"] for message in messages] == list(range(1, row["message_count"] + 1))
        assert (row["due_at"] is None) == (row["awaiting"] is None)
        parties = self.rows(
            "SELECT level, due_at, archived_at, is_due_from_us FROM communication_party WHERE communication = %s",
            row["id"],
        )
        assert all(one["level"] == row["level"] and one["due_at"] == row["due_at"] for one in parties)
        assert all(one["archived_at"] == row["archived_at"] for one in parties)
        assert sum(one["is_due_from_us"] for one in parties) == (row["awaiting"] is not None)
        return (
            row["level"],
            row["message_count"],
            [message["level"] for message in messages],
            row["due_at"] is not None,
            row["archived_at"] is not None,
        )


@pytest.fixture
async def office(postgres: EmbeddedPostgres, pool: None, app: Litestar, settings: Settings) -> AsyncIterator[Office]:
    async with they_commit(EMAILS, DATABASE, postgres, app, settings) as people:
        yield Office(postgres.url("sdes_owner", DATABASE), *people)


def statuses(*answers: httpx.Response) -> list[int]:
    return sorted(answer.status_code for answer in answers)


async def test_two_escalate_at_once_and_one_is_told(office: Office) -> None:
    for _ in range(3):
        reference = await office.sent()
        answers = await asyncio.gather(
            post_escalation(office.asha, reference, "Asha's reason."),
            post_escalation(office.ben, reference, "Ben's reason."),
            post_escalation(office.asha, reference, "Asha's other window."),
        )
        assert statuses(*answers) == [303, 409, 409]
        (first,) = office.rows(
            "SELECT person_name, text FROM message WHERE kind = 'escalation' ORDER BY id DESC LIMIT 1"
        )
        losers = [answer for answer in answers if answer.status_code == 409]
        for answer in losers:
            sentence = f"{first['person_name']} escalated it to level 2 already. What you typed is kept as a draft."
            assert told(answer) == [sentence]
        kept = {row["text"] for row in office.rows("SELECT fields->>'text' AS text FROM draft")}
        assert {"Asha's reason.", "Ben's reason.", "Asha's other window."} - kept == {first["text"]}
        office.rows("DELETE FROM draft")
        assert office.state(reference) == (2, 2, [1, 2], True, False)


async def test_one_draft_sent_by_many_clicks_escalates_once(office: Office) -> None:
    reference = await office.sent()
    draft = "6d1e3c1e-0000-4000-8000-000000000001"
    answers = await asyncio.gather(*(post_escalation(office.asha, reference, draft_id=draft) for _ in range(4)))
    assert {answer.headers["location"] for answer in answers} == {f"/sdep/communications/{reference}#message-2"}
    assert office.state(reference) == (2, 2, [1, 2], True, False)


async def test_escalating_while_the_recipient_replies(office: Office) -> None:
    for _ in range(4):
        reference = await office.sent()
        answers = await asyncio.gather(
            post_escalation(office.asha, reference), post_reply(office.nils, reference, "At last.")
        )
        assert statuses(*answers) == [303, 303]
        level, number, levels, is_due, _ = office.state(reference)
        assert (level, number) == (2, 3)
        # Either the answer came first and the new level's time runs, or it answers the new level.
        assert (levels, is_due) in (([1, 1, 2], True), ([1, 2, 2], False))


async def test_escalating_while_somebody_archives(office: Office) -> None:
    for who in (office.ben, office.nils):
        reference = await office.sent()
        escalated, archived = await asyncio.gather(
            post_escalation(office.asha, reference),
            who.post(f"/sdep/communications/{reference}/archiving", {"seen": "1"}),
        )
        assert escalated.status_code == 303
        # Archived first, it is active again; escalated first, there is a message that the other has not seen.
        assert archived.status_code in (303, 409)
        assert office.state(reference) == (2, 2, [1, 2], True, False)
