"""When a communication may be escalated, and by whom (SD 11.1(e))."""

from datetime import datetime, timedelta

import pytest

from sdes.kit import clock, db
from sdes.kit.clock import LONDON
from sdes.workingdays.queries import calendar
from tests.sdep.escalation.conftest import LAPSED, MONDAY, PAGE, WAITS, levels, refused, row_of
from tests.support.communications import count, escalated, post_escalation, replied, sent, told
from tests.support.people import Browser, hidden

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(e)")]


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
        assert "3 op. hours left, due Mon 09:00" in page
        assert "Theirs: 3 op. hours left, due Mon 09:00" in (await asha.get("/sdep/communications")).text
    monday = datetime(2026, 11, 16, 9, 0, tzinfo=LONDON)
    with clock.at(monday - timedelta(minutes=20)):
        assert "20 operational minutes left, from your company" in (await cleo.get(PAGE + reference)).text
        assert (await post_escalation(asha, reference)).status_code == 409
    with clock.at(monday):
        await escalated(asha, reference)
    assert (await row_of(reference))["due_at"] == monday + timedelta(hours=3)
