"""A communication keeps the rules it was sent under, whatever is changed since; new ones have new ones."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from sdes.kit import clock, db
from sdes.kit.clock import LONDON
from tests.support.catalogue import changed, opened
from tests.support.communications import escalated, filled, post_new, replied, sent, told
from tests.support.people import Browser

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SL 8"), pytest.mark.spec("SD 11.1(e)")]

CODE = "PT0131"  # Electricity Disconnection, Escalation: three levels of 5, 3 and 2 Working Days
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=LONDON)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
async def sessions_last(asha: Browser, nils: Browser, carys: Browser) -> None:
    """The clock goes back here, and nobody is to sign in again."""
    await db.fetch("UPDATE session SET last_seen_at = '2100-01-01', expires_at = '2100-01-01'")


@pytest.fixture
async def old(asha: Browser, carys: Browser) -> AsyncIterator[str]:
    """A communication that was sent before levels, times and data items became others; the clock stands there."""
    with clock.at(MONDAY):
        reference = await sent(asha, code=CODE, msn="E12Z012345")
        fields = await opened(carys, CODE)
        await changed(
            carys,
            CODE,
            title="Electricity Cut-off",
            level_name=["Night desk", "Shift leader", "Director", "Board"],
            level_amount=["8", "4", "7", "1"],
            level_unit=["OH", "OH", "WD", "WD"],
            item_label=[fields["item_label"][0], "Device", *fields["item_label"][2:]],
            item_kind=[fields["item_kind"][0], "eui64", *fields["item_kind"][2:]],
        )
        yield reference


async def row_of(reference: str) -> Any:
    return (await db.fetch("SELECT * FROM communication WHERE reference = $1", reference))[0]


async def level_names(reference: str) -> list[str]:
    rows = await db.fetch(
        "SELECT l.name FROM communication_level l JOIN communication c ON c.id = l.communication"
        " WHERE c.reference = $1 ORDER BY l.number",
        reference,
    )
    return [row["name"] for row in rows]


async def test_the_clock_of_an_old_one_runs_as_it_was_set(old: str, asha: Browser, nils: Browser) -> None:
    assert (await row_of(old))["due_at"] == datetime(2026, 11, 23, 18, 0, tzinfo=LONDON)
    with clock.at(MONDAY + HOUR):
        await replied(nils, old)
        await replied(asha, old, "And when?")  # starts the clock of level 1 again
    assert (await row_of(old))["due_at"] == datetime(2026, 11, 23, 18, 0, tzinfo=LONDON)


async def test_an_old_one_is_escalated_by_its_own_levels_and_times(old: str, asha: Browser, nils: Browser) -> None:
    with clock.at(MONDAY + HOUR):
        await replied(nils, old)
        await escalated(asha, old, "No date.")
        row = await row_of(old)
        assert (row["level"], row["max_level"]) == (2, 3)
        assert row["due_at"] == datetime(2026, 11, 19, 18, 0, tzinfo=LONDON), "level 2 had three Working Days"
        assert await level_names(old) == ["Operational contact", "Team manager"]
        text = (await nils.get(f"/sdep/communications/{old}")).text
        assert "Escalated to level 2, Team manager" in text
        assert "Shift leader" not in text
        await replied(nils, old)
        await escalated(asha, old, "No date still.", from_level="2")
        await replied(nils, old)
        assert await level_names(old) == ["Operational contact", "Team manager", "Final escalation"]
        assert "Board" not in (await asha.get(f"/sdep/communications/{old}")).text, "it has no fourth level"


async def test_an_old_one_shows_its_data_items_as_they_were_asked_for(old: str, nils: Browser) -> None:
    text = (await nils.get(f"/sdep/communications/{old}")).text
    assert "Meter serial number" in text
    assert "E12Z012345" in text
    assert "Device" not in text.partition("<main")[2]


async def test_an_old_one_goes_under_the_present_title(old: str, nils: Browser) -> None:
    """The name is what people look for it by; the audit log says what it was called."""
    assert "Electricity Cut-off" in (await nils.get(f"/sdep/communications/{old}")).text


async def test_a_new_one_runs_by_the_new_rules(old: str, asha: Browser, nils: Browser) -> None:
    refused = await post_new(asha, await filled(CODE, msn="E12Z012345"))
    assert refused.status_code == 422
    assert told(refused)[0].startswith("Enter a device id of eight pairs")
    new = await sent(asha, code=CODE, msn="90-B3-D5-1F-30-01-02-03")
    row = await row_of(new)
    assert row["due_at"] == datetime(2026, 11, 16, 17, 0, tzinfo=LONDON), "eight operational hours"
    assert row["max_level"] == 4
    assert await level_names(new) == ["Night desk"]
    with clock.at(MONDAY + HOUR):
        await replied(nils, new)
        await escalated(asha, new, "No date.")
    assert (await row_of(new))["due_at"] == datetime(2026, 11, 16, 14, 0, tzinfo=LONDON), "four operational hours"
    assert await level_names(new) == ["Night desk", "Shift leader"]


@pytest.mark.spec("SD 11.1(a)")
async def test_what_is_sent_before_anybody_holds_the_new_level_reaches_those_of_the_process(
    old: str, asha: Browser, nils: Browser, carys: Browser
) -> None:
    with clock.at(MONDAY):
        new = await sent(asha, code=CODE, msn="90-B3-D5-1F-30-01-02-03")
    with clock.at(MONDAY + HOUR):
        for level in ("1", "2", "3"):
            await replied(nils, new)
            await escalated(asha, new, from_level=level)
        assert (await row_of(new))["level"] == 4
        assert new in (await nils.get("/sdep/communications")).text
        await replied(nils, new)
