"""What an escalation does: the level and its time, the message that says why, who is told, what is kept of it."""

import csv
from datetime import datetime, timedelta
from io import StringIO

import pytest

from sdes.kit import clock, db
from sdes.kit.clock import LONDON
from tests.sdep.escalation.conftest import LAPSED, MONDAY, PAGE, levels, row_of
from tests.support.communications import count, escalated, replied
from tests.support.people import Browser

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(e)")]


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


async def test_the_transcript_tells_escalations_apart(asha: Browser, reference: str) -> None:
    with clock.at(LAPSED):
        await escalated(asha, reference, "Why.")
        text = (await asha.get(f"{PAGE}{reference}/transcript.csv")).content.decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text, newline="")))
    assert [(row["Kind"], row["Level"]) for row in rows] == [("message", "1"), ("escalation", "2")]
