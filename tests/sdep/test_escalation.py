"""Escalating: when it may be done and by whom, what it says and starts, and what is refused (SD 11.1(e))."""

import csv
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import httpx
import pytest

from sdes.kit import clock, db
from sdes.kit.clock import LONDON
from sdes.workingdays.queries import calendar
from tests.support.communications import count, escalated, post_escalation, replied, sent, told
from tests.support.people import HTMX, Browser, hidden

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(e)")]

PAGE = "/sdep/communications/"
CODE = "PT0131"  # Electricity Disconnection, Escalation: three levels of 5, 3 and 2 Working Days
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=LONDON)
LAPSED = datetime(2026, 11, 23, 18, 0, tzinfo=LONDON)  # five Working Days later, when the bell has rung
WAITS = (
    "Northgrid Networks has until Mon 23 Nov, 18:00 to respond at level 1. You can escalate it then, or as soon as they"
    " have responded."
)


@pytest.fixture(autouse=True)
async def sessions_last(
    asha: Browser, ben: Browser, nils: Browser, cleo: Browser, otto: Browser, carys: Browser
) -> None:
    """The clock goes days ahead here, and nobody is to sign in again."""
    await db.fetch("UPDATE session SET last_seen_at = '2100-01-01', expires_at = '2100-01-01'")


@pytest.fixture
async def reference(asha: Browser) -> AsyncIterator[str]:
    """A communication of three levels, sent on a Monday morning; the clock stands there."""
    with clock.at(MONDAY):
        yield await sent(asha, code=CODE)


async def row_of(reference: str) -> Any:
    return (await db.fetch("SELECT * FROM communication WHERE reference = $1", reference))[0]


async def levels() -> list[Any]:
    return await db.fetch("SELECT * FROM communication_level ORDER BY number")


async def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 409, answer.text
    assert await count("message", "kind = 'escalation'") == 0
    return told(answer)[0].removesuffix(" What you typed is kept as a draft.")


@pytest.mark.spec("SD 11.1(b)iv")
async def test_after_a_response_it_goes_one_level_up_and_both_see_who_when_and_why(
    asha: Browser, nils: Browser, reference: str
) -> None:
    with clock.at(MONDAY + timedelta(hours=1)):
        await replied(nils, reference, "We cannot say.")
    with clock.at(MONDAY + timedelta(hours=2)):
        number = await escalated(asha, reference, "The customer moves out on Friday.", [("lease.txt", b"Friday")])
        page = (await nils.get(PAGE + reference)).text
    assert number == 3
    row = await row_of(reference)
    due = datetime(2026, 11, 19, 18, 0, tzinfo=LONDON)  # level 2 has three Working Days
    assert (row["level"], row["due_at"]) == (2, due)
    assert row["awaiting"] == (await db.fetch("SELECT id FROM company WHERE name = 'Northgrid Networks'"))[0]["id"]
    _, second = await levels()
    assert (second["number"], second["started_at"], second["due_at"]) == (2, MONDAY + timedelta(hours=2), due)
    assert (second["started_by"], second["person_name"]) == ("Brightwatt Energy", "Asha Rahman")
    (message,) = await db.fetch("SELECT * FROM message WHERE number = 3")
    assert (message["kind"], message["level"]) == ("escalation", 2)
    for text in (page, (await asha.get(PAGE + reference)).text):
        assert f"Escalated to level 2, {second['name']}" in text
        assert "Escalated 16 Nov, 11:00 by Asha Rahman, Brightwatt Energy" in text
        assert '<p dir="auto">The customer moves out on Friday.</p>' in text
        assert "lease.txt" in text
        assert "Level 2 of 3" in text


async def test_after_the_time_has_lapsed_and_not_a_second_before(asha: Browser, reference: str) -> None:
    with clock.at(LAPSED - timedelta(seconds=1)):
        page = (await asha.get(PAGE + reference)).text
        assert WAITS in page
        assert f"{reference}/escalation" not in page
        assert told(await asha.get(f"{PAGE}{reference}/escalation")) == [WAITS]
        assert await refused(await post_escalation(asha, reference)) == WAITS
    with clock.at(LAPSED):
        assert f"{reference}/escalation" in (await asha.get(PAGE + reference)).text
        form = (await asha.get(f"{PAGE}{reference}/escalation")).text
        assert hidden(form, "from_level") == "1"
        assert "3 working days: if you escalate now, until Thu 26 Nov, 18:00" in form, "on the day itself it counts"
        await escalated(asha, reference)
    assert (await row_of(reference))["level"] == 2


async def test_each_level_waits_for_its_own_response_up_to_the_highest(
    asha: Browser, nils: Browser, reference: str
) -> None:
    with clock.at(LAPSED):
        await escalated(asha, reference)
    with clock.at(LAPSED + timedelta(minutes=1)):
        answer = await post_escalation(asha, reference, from_level="2")
        assert answer.status_code == 409
        assert "has until Thu 26 Nov, 18:00 to respond at level 2." in told(answer)[0]
    with clock.at(LAPSED + timedelta(days=2)):
        await replied(nils, reference, "On Friday.")
        await escalated(asha, reference, "Friday has passed.", from_level="2")
    row = await row_of(reference)
    assert row["level"] == row["max_level"] == 3
    assert row["due_at"] == (await calendar()).due_at(LAPSED + timedelta(days=2), 2, "WD")
    assert [one["responded_at"] is not None for one in await levels()] == [False, True, False]
    with clock.at(LAPSED + timedelta(days=30)):
        answer = await post_escalation(asha, reference, from_level="3")
        assert (answer.status_code, await count("communication_level")) == (409, 3)
        assert told(answer)[0].startswith("It is at the highest level, ")


async def test_the_sender_has_escalated_once_they_were_answered_though_they_wrote_again(
    asha: Browser, nils: Browser, reference: str
) -> None:
    with clock.at(MONDAY + timedelta(hours=1)):
        await replied(nils, reference, "We are looking.")
        await replied(asha, reference, "And?")
        await escalated(asha, reference, "That is no answer.")
    assert (await row_of(reference))["level"] == 2


async def test_the_senders_own_messages_are_no_response(asha: Browser, reference: str) -> None:
    await replied(asha, reference, "Anybody there?")
    assert await refused(await post_escalation(asha, reference)) == WAITS


async def test_only_the_senders_side_escalates(asha: Browser, ben: Browser, nils: Browser, reference: str) -> None:
    with clock.at(LAPSED):
        page = (await nils.get(PAGE + reference)).text
        assert "/escalation" not in page
        assert "Only Brightwatt Energy" not in page, "what is not theirs to do is not spoken of"
        sentence = "Only Brightwatt Energy, who sent it, can escalate it."
        assert await refused(await post_escalation(nils, reference)) == sentence
        assert (await nils.get(f"{PAGE}{reference}/escalation")).status_code == 409
        await escalated(ben, reference)
    assert (await levels())[1]["person_name"] == "Ben Carter"


PREPAYMENT = {"to": "CALD", "msn": "E12A34567", "supply_start": "3/11/2025", "telephone": "020 7946 0000"}
AMENDMENT = {"amended_item": "x", "effective_date": "3/11/2025", "new_value": "x", "amendment_reason": "x"}


@pytest.mark.parametrize(
    "changes",
    [{"code": "PT0130"}, {"code": "PT0115", **PREPAYMENT}, {"code": "PT0134", **AMENDMENT}],
    ids=["General Query", "UTRN Contact", "Retrospective Amendment Request"],
)
async def test_what_is_never_escalated_has_no_button(
    asha: Browser, cleo: Browser, nils: Browser, changes: dict[str, str]
) -> None:
    with clock.at(MONDAY):
        reference = await sent(asha, **changes)
        await replied(cleo if "to" in changes else nils, reference)
        page = (await asha.get(PAGE + reference)).text
        assert "/escalation" not in page
        assert "A communication of this kind is not escalated." in page
        answer = await post_escalation(asha, reference)
    assert await refused(answer) == "A communication of this kind is not escalated."


async def test_a_kind_that_is_never_escalated_stays_so_with_many_levels(
    asha: Browser, nils: Browser, reference: str
) -> None:
    """The rules kept with it say so, whatever the number of its levels."""
    await replied(nils, reference)
    await db.fetch("UPDATE communication SET rules = jsonb_set(rules, '{may_escalate}', 'false')")
    assert await refused(await post_escalation(asha, reference)) == "A communication of this kind is not escalated."


async def test_the_rules_are_those_it_was_sent_under(asha: Browser, reference: str) -> None:
    await db.fetch("UPDATE process_level SET response_amount = 9, name = 'Renamed' WHERE number > 1")
    with clock.at(LAPSED):
        await escalated(asha, reference)
    assert (await row_of(reference))["due_at"] == (await calendar()).due_at(LAPSED, 3, "WD")
    assert (await levels())[1]["name"] != "Renamed"


async def test_hours_run_in_operational_hours(cleo: Browser, asha: Browser) -> None:
    """Smart prepayment exceptions: three operational hours at each level."""
    friday = datetime(2026, 11, 13, 16, 0, tzinfo=LONDON)
    with clock.at(friday):
        reference = await sent(asha, code="PT0113", **PREPAYMENT)
        page = (await cleo.get("/sdep/communications")).text
        assert "3 operational hours left, due Mon 09:00" in page
        assert "Theirs: 3 operational hours left, due Mon 09:00" in (await asha.get("/sdep/communications")).text
    monday = datetime(2026, 11, 16, 9, 0, tzinfo=LONDON)
    with clock.at(monday - timedelta(minutes=20)):
        assert "20 operational minutes left, from your company" in (await cleo.get(PAGE + reference)).text
        assert (await post_escalation(asha, reference)).status_code == 409
    with clock.at(monday):
        await escalated(asha, reference)
    assert (await row_of(reference))["due_at"] == monday + timedelta(hours=3)


async def test_everybody_at_the_new_level_is_told_and_nobody_at_the_old(
    asha: Browser, nils: Browser, reference: str
) -> None:
    await db.fetch("DELETE FROM notification")
    await db.fetch(
        "DELETE FROM assignment WHERE level <> 2 AND person = (SELECT id FROM person WHERE name LIKE 'Nora %')"
    )
    await db.fetch(
        "DELETE FROM assignment WHERE level = 2 AND person = (SELECT id FROM person WHERE name LIKE 'Nils %')"
    )
    with clock.at(LAPSED):
        await escalated(asha, reference)
    rows = await db.fetch("SELECT p.name, n.kind FROM notification n JOIN person p ON p.id = n.person ORDER BY p.name")
    names = [row["name"] for row in rows]
    assert any(name.startswith("Nora ") for name in names), names
    assert not any(name.startswith("Nils ") for name in names), names
    assert {row["kind"] for row in rows} == {"escalation"}


async def test_the_audit_says_what_but_not_why(asha: Browser, reference: str) -> None:
    with clock.at(LAPSED):
        await escalated(asha, reference, "A secret reason.")
    rows = await db.fetch("SELECT * FROM audit_entry WHERE subject = $1 ORDER BY id", reference)
    assert rows[-1]["event"] == "sdep.communication.escalated"
    assert rows[-1]["detail"] == f"level 2, {(await levels())[1]['name']}"
    assert not any("secret" in str(dict(row)) for row in rows)
    page = (await asha.get(f"{PAGE}{reference}/audit")).text
    assert rows[-1]["detail"] in page
    assert "Escalated" in page


async def test_an_archived_one_becomes_active_by_it(asha: Browser, nils: Browser, reference: str) -> None:
    with clock.at(LAPSED):
        await db.fetch("UPDATE communication SET archived_at = $1 WHERE reference = $2", LAPSED, reference)
        assert "the communication is active again" in (await asha.get(f"{PAGE}{reference}/escalation")).text
        await escalated(asha, reference)
        for browser in (asha, nils):
            assert reference in (await browser.get("/sdep/communications")).text
            assert "Active again with this message" in (await browser.get(PAGE + reference)).text
    assert await count("audit_entry", "event = 'sdep.communication.reactivated'") == 1


async def test_a_second_click_escalates_once(asha: Browser, reference: str) -> None:
    draft = str(uuid4())
    with clock.at(LAPSED):
        first, second = [await post_escalation(asha, reference, draft_id=draft) for _ in range(2)]
        assert first.status_code == second.status_code == 303
        assert first.headers["location"] == second.headers["location"] == f"{PAGE}{reference}#message-2"
        other = await post_escalation(asha, reference, "Something else.", draft_id=draft)
        assert other.status_code == 409
        assert told(other)[0].startswith("This was sent already, as message 2.")
    assert ((await row_of(reference))["level"], await count("message")) == (2, 2)
    assert await count("draft", "fields->>'text' = 'Something else.'") == 1


async def test_what_was_sent_as_a_reply_is_no_escalation(asha: Browser, nils: Browser, reference: str) -> None:
    draft = str(uuid4())
    await replied(nils, reference)
    await replied(asha, reference, "The same words.", draft_id=draft)
    answer = await post_escalation(asha, reference, "The same words.", draft_id=draft)
    assert (answer.status_code, (await row_of(reference))["level"]) == (409, 1)


@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_whoever_comes_second_is_told_who_was_first_and_loses_nothing(
    asha: Browser, ben: Browser, reference: str, headers: dict[str, str]
) -> None:
    with clock.at(LAPSED):
        await escalated(ben, reference)
        words = {"headers": headers}
        answer = await post_escalation(asha, reference, "My reason.", [("why.txt", b"x")], words=words)
        assert answer.status_code == 409
        assert told(answer) == ["Ben Carter escalated it to level 2 already. What you typed is kept as a draft."]
        (kept,) = await db.fetch("SELECT id FROM draft")
        opened = await asha.get(f"/sdep/drafts/{kept['id']}")
        assert opened.headers["location"] == f"{PAGE}{reference}/escalation?draft={kept['id']}#reply-text"
        # There is nothing to escalate now: the words can go as a reply.
        there = await asha.get(opened.headers["location"])
        assert there.headers["location"] == f"{PAGE}{reference}?draft={kept['id']}#reply-text"
        page = (await asha.get(there.headers["location"])).text
        assert "My reason.</textarea>" in page
        assert "why.txt" in page
        await replied(asha, reference, "My reason.", draft_id=str(kept["id"]))
    assert await count("message") == 3
    assert await count("communication_level") == 2
    assert await count("draft") == 0


@pytest.mark.parametrize("seen", ["", "0", "7", "-1", "x", "٢", "9" * 40, None])
async def test_a_level_that_nobody_has_shown_is_refused(asha: Browser, reference: str, seen: str | None) -> None:
    with clock.at(LAPSED):
        answer = await post_escalation(asha, reference, from_level=seen)
    assert await refused(answer) == "It is at level 1. Reload the page and try again."


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": ""}, "Say why you escalate"),
        ({"text": " \u200b\r\n"}, "Say why you escalate"),
        ({"text": "x" * 20_001}, "Shorten the message to 20,000 characters, or attach it as a file. It has 20,001."),
        ({"tag": "x" * 61}, "Shorten the search tag to 60 characters. It has 61."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_a_bad_form_comes_back_with_its_words(
    asha: Browser, reference: str, changes: dict[str, str], sentence: str, headers: dict[str, str]
) -> None:
    fields: dict[str, Any] = {"text": "Kept reason", "tag": "kept tag", **changes}
    with clock.at(LAPSED):
        answer = await post_escalation(asha, reference, files=[("a.txt", b"x")], words={"headers": headers}, **fields)
        assert (answer.status_code, told(answer)) == (422, [sentence])
        assert fields["text"].strip() in answer.text
        assert fields["tag"] in answer.text
        assert "a.txt" in answer.text
        assert answer.text.strip().startswith('<div id="composer"' if headers else "<!doctype html>")
        assert hidden(answer.text, "from_level") == "1"
        again = (await asha.get(f"{PAGE}{reference}/escalation")).text
        assert fields["text"].strip() in again, "a draft of its own"
        assert "a.txt" not in (await asha.get(PAGE + reference)).text, "and not one of the reply"
        assert "Escalation of" in (await asha.get("/sdep/drafts")).text
    assert (await row_of(reference))["level"] == 1


async def test_a_bad_form_that_is_too_late_says_that_it_is(asha: Browser, reference: str) -> None:
    assert await refused(await post_escalation(asha, reference, "")) == WAITS


async def test_a_stranger_finds_nothing_and_leaves_nothing(asha: Browser, otto: Browser, reference: str) -> None:
    with clock.at(LAPSED):
        assert (await otto.get(f"{PAGE}{reference}/escalation")).status_code == 404
        answer = await post_escalation(otto, reference, "Let me in.", [("a.txt", b"x")])
    assert answer.status_code == 404
    assert await count("draft") == await count("attachment") == 0


async def test_who_sends_no_messages_has_no_such_door(carys: Browser, reference: str) -> None:
    with clock.at(LAPSED):
        assert (await carys.get(f"{PAGE}{reference}/escalation")).status_code == 403
        assert (await post_escalation(carys, reference)).status_code == 403


@pytest.mark.spec("SD 10.2")
async def test_a_company_that_is_no_longer_qualified_does_not_escalate(asha: Browser, reference: str) -> None:
    await db.fetch("UPDATE company SET is_qualified = false WHERE name = 'Brightwatt Energy'")
    with clock.at(LAPSED):
        assert "/escalation" not in (await asha.get(PAGE + reference)).text
        sentence = await refused(await post_escalation(asha, reference))
    assert sentence.startswith("Your company is not Qualified")


async def test_the_transcript_tells_escalations_apart(asha: Browser, reference: str) -> None:
    with clock.at(LAPSED):
        await escalated(asha, reference, "Why.")
        text = (await asha.get(f"{PAGE}{reference}/transcript.csv")).content.decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text, newline="")))
    assert [(row["Kind"], row["Level"]) for row in rows] == [("message", "1"), ("escalation", "2")]
