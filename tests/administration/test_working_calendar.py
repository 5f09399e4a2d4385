"""The Code Manager proclaims days of the working calendar at short notice; running clocks keep their time."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sdes.kit import clock, db
from sdes.kit.clock import LONDON
from tests.support.communications import count, sent, told
from tests.support.people import Browser, SignIn

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(e)")]

HERE = "/process-types/working-calendar"
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=LONDON)
MOURNING = {"date": "18 11 2026", "name": "Day of mourning", "kind": "holiday"}


async def due(reference: str) -> Any:
    return (await db.fetch("SELECT due_at FROM communication WHERE reference = $1", reference))[0]["due_at"]


async def test_a_proclaimed_holiday_counts_for_what_is_sent_from_now_on(sign_in: SignIn) -> None:
    with clock.at(MONDAY):
        carys, asha = await sign_in("carys@codemanager.example"), await sign_in("asha@brightwatt.example")
        before = await sent(asha, code="PT0131")
        answer = await carys.post(HERE, MOURNING)
        assert answer.status_code == 303
        text = (await carys.get(answer.headers["location"])).text
        assert "Day of mourning" in text
        assert "Clocks that run keep the time they were given." in text
        assert await due(before) == datetime(2026, 11, 23, 18, 0, tzinfo=LONDON)
        assert await due(await sent(asha, code="PT0131")) == datetime(2026, 11, 24, 18, 0, tzinfo=LONDON)
        await carys.post(HERE, {"date": "21/11/2026", "name": "Catching up", "kind": "working-day"})
        assert await due(await sent(asha, code="PT0131")) == datetime(2026, 11, 23, 18, 0, tzinfo=LONDON)
        assert (await carys.post(f"{HERE}/removal", {"day": "2026-11-18"})).status_code == 303
        assert [row["name"] for row in await db.fetch("SELECT name FROM extra_day")] == ["Catching up"]
        text = (await carys.get("/audit?kind=catalogue")).text
        for words in (
            "18 November 2026 is a holiday: Day of mourning",
            "21 November 2026 is a Working Day: Catching up",
            "18 November 2026 is an ordinary day again, no longer Day of mourning",
        ):
            assert words in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"date": ""}, "Enter the date"),
        ({"date": "31 2 2027"}, "February 2027 has no day 31"),
        ({"date": "13 11 2026"}, "That day is over."),
        ({"name": ""}, "Enter what the day is called"),
        ({"name": "x" * 121}, "Shorten this to 120 characters. It has 121."),
        ({"kind": "party"}, "Choose what the day is to be"),
        ({"date": "21 11 2026"}, "That day is no Working Day already."),
        ({"kind": "working-day"}, "That day is a Working Day already."),
        ({"date": "19 11 2026"}, "That day is in the list already. Remove it first."),
    ],
)
async def test_what_cannot_be_is_refused(sign_in: SignIn, words: dict[str, str], sentence: str) -> None:
    with clock.at(MONDAY):
        carys = await sign_in("carys@codemanager.example")
        await carys.post(HERE, {**MOURNING, "date": "19 11 2026"})
        answer = await carys.post(HERE, {**MOURNING, **words})
    assert answer.status_code == 422
    assert told(answer)[0].startswith(sentence)
    assert await count("extra_day") == 1


async def test_a_day_that_is_over_stays_and_what_there_is_not_is_not_found(sign_in: SignIn) -> None:
    with clock.at(MONDAY):
        carys = await sign_in("carys@codemanager.example")
        await carys.post(HERE, MOURNING)
        for day in ("2026-11-19", "nonsense", ""):
            assert (await carys.post(f"{HERE}/removal", {"day": day})).status_code == 404
    with clock.at(datetime(2026, 11, 19, 9, tzinfo=UTC)):
        carys = await sign_in("carys@codemanager.example")
        assert (await carys.post(f"{HERE}/removal", {"day": "2026-11-18"})).status_code == 409
        assert "Over" in (await carys.get(HERE)).text
    assert await count("extra_day") == 1


async def test_nobody_else_proclaims(asha: Browser, piet: Browser) -> None:
    for browser in (asha, piet):
        assert (await browser.get(HERE)).status_code == 403
        assert (await browser.post(HERE, MOURNING)).status_code == 403
        assert (await browser.post(f"{HERE}/removal", {"day": "2026-11-18"})).status_code == 403
    assert await count("extra_day") == 0
