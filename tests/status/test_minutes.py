"""The minutes in which the service was available: which signs count, what is kept, and for how long (SD 3.2)."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from litestar import Litestar

from jobs.status import status_forget_minutes
from sdes.attachments.vault import Vault
from sdes.kit import clock, kept, pool
from sdes.kit import db as database
from sdes.sdep.reports.months import Month
from sdes.settings import Settings
from sdes.status import measures, queries, readiness
from sdes.status.availability import Availability
from sdes.status.signs import Lately, Signs
from tests.support.minutes import MINUTE, fill
from tests.support.people import Browser
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

TUESDAY = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
NOVEMBER = Month(date(2026, 11, 1))


@pytest.fixture
async def process(app: Litestar, vault: Vault, db: None) -> Signs:
    """A web process that gives a sign when it is told to."""
    return Signs(lambda: readiness.look(vault))


async def _minutes() -> list[str]:
    rows = await database.fetch("SELECT minute FROM available_minute ORDER BY minute")
    return [f"{clock.local(row['minute']):%a %H:%M}" for row in rows]


async def _november() -> Availability:
    (found,) = await queries.availability([NOVEMBER])
    return found


@pytest.mark.spec("SD 3.2")
async def test_a_minute_counts_once_however_many_signs_there_are_in_it(process: Signs) -> None:
    for seconds in (0, 5, 59, 60, 61):
        with clock.at(TUESDAY + timedelta(seconds=seconds)):
            await process.give()
    assert await _minutes() == ["Tue 09:00", "Tue 09:01"]


@pytest.mark.parametrize(
    ("day", "change"), [(date(2026, 11, 3), 0), (date(2026, 7, 1), 1), (date(2026, 3, 30), 1), (date(2026, 10, 26), 0)]
)
async def test_minutes_are_kept_from_eight_to_six_in_london(process: Signs, day: date, change: int) -> None:
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=change)
    for hours in (-48.0, 7.99, 8.0, 17.99, 18.0, 22.0):
        with clock.at(begin + timedelta(hours=hours)):
            await process.give()
    _, *kept = await _minutes()  # the first of all is kept whenever it was
    assert kept == [f"{day:%a} 08:00", f"{day:%a} 17:59"]


async def test_the_first_sign_of_all_says_since_when_there_is_a_service(process: Signs) -> None:
    """It began on Sunday, was away on Monday until nine, and is expected from Monday's beginning on."""
    with clock.at(TUESDAY - timedelta(hours=37)):
        await process.give()
    await fill((TUESDAY - timedelta(days=1), TUESDAY - timedelta(hours=15)))
    with clock.at(TUESDAY - timedelta(hours=1)):
        found = await _november()
    assert (found.expected, found.available) == (600, 540)


async def test_nothing_is_expected_before_there_was_a_service(process: Signs) -> None:
    with clock.at(TUESDAY + timedelta(hours=1)):
        assert await queries.availability([NOVEMBER]) == []
        await process.give()
    with clock.at(TUESDAY + timedelta(hours=1, minutes=3, seconds=30)):
        found = await _november()
    assert (found.expected, found.available) == (3, 1)
    assert [(one.since, one.minutes) for one in found.outages] == [(TUESDAY + timedelta(hours=1, minutes=1), 2)]


async def test_a_minute_that_is_not_over_does_not_count_yet(process: Signs) -> None:
    with clock.at(TUESDAY):
        await process.give()
    for seconds, expected in ((59, 0), (60, 1), (119, 1), (120, 2)):
        with clock.at(TUESDAY + timedelta(seconds=seconds)):
            assert sum(one.expected for one in await queries.availability([NOVEMBER])) == expected


async def test_a_clock_that_was_put_back_counts_no_minute_twice(process: Signs) -> None:
    for moment in (TUESDAY, TUESDAY + MINUTE, TUESDAY, TUESDAY + MINUTE, TUESDAY + 2 * MINUTE):
        with clock.at(moment):
            await process.give()
    with clock.at(TUESDAY + MINUTE):
        assert (await _november()).expected == 1
    with clock.at(TUESDAY + 3 * MINUTE):
        assert ((await _november()).expected, (await _november()).available) == (3, 3)


async def test_the_minute_is_the_database_s_whatever_a_machine_s_clock_shows(
    process: Signs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(days=3))
    await process.give()
    (row,) = await database.fetch("SELECT minute, date_trunc('minute', now()) AS present FROM available_minute")
    assert row["minute"] == row["present"]


@pytest.mark.spec("SD 3.2")
async def test_a_process_that_could_serve_nobody_counts_for_nothing(process: Signs, settings: Settings) -> None:
    """It lives, and tells so; the store of files is away."""
    folder = Path(settings.blob_url.removeprefix("file://"))
    folder.rename(folder.with_name("gone"))
    with clock.at(TUESDAY):
        await process.give()
        assert (await queries.busy()).processes == 1
    assert await _minutes() == []


async def test_a_process_that_cannot_even_look_counts_for_nothing(db: None) -> None:
    async def broken() -> readiness.Ready:
        raise ValueError("of the store's own making")

    await Signs(broken).give()
    assert (await queries.busy()).processes == 1
    assert await _minutes() == []


async def test_a_process_whose_answers_are_mostly_faults_of_ours_counts_for_nothing(process: Signs) -> None:
    for _ in range(10):
        measures.observe("/sdep/communications", "GET", 500, 0.1)
        measures.observe("/health/ready", "GET", 200, 0.1)  # asked by machines, tells nothing of people
        measures.observe(measures.NOWHERE, "GET", 404, 0.1)
    for _ in range(4):
        measures.observe("/sdep/communications", "GET", 404, 0.1)
    with clock.at(TUESDAY):
        await process.give()
        assert await _minutes() == []
    for _ in range(6):
        measures.observe("/sdep/communications", "GET", 200, 0.1)
    with clock.at(TUESDAY):
        await process.give()
    assert await _minutes() == ["Tue 09:00"]


async def test_people_whom_a_crowd_turns_away_are_not_served(
    process: Signs, nobody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "is_crowded", lambda: True)
    for _ in range(6):
        assert (await nobody.get("/sign-in")).status_code == 503
    with clock.at(TUESDAY):
        await process.give()
    assert await _minutes() == []


def test_the_last_minute_s_answers_tell_whether_people_are_served() -> None:
    lately = Lately(0, 100, 100)
    assert lately.is_well(0, 100, 100), "what was before the first sign tells nothing"
    assert lately.is_well(5, 104, 104), "four answers tell nothing"
    assert lately.is_well(10, 110, 105), "half of them is not most"
    assert not lately.is_well(15, 111, 106)
    assert not lately.is_well(60, 111, 106)
    assert lately.is_well(75, 111, 106), "nobody asked in the last minute"
    assert lately.is_well(200, 120, 106)


async def test_the_web_s_login_writes_the_present_minute_and_no_other(db: None) -> None:
    async with as_web(None):
        await database.fetch("INSERT INTO available_minute VALUES (date_trunc('minute', now()))")
    for deed in (
        "INSERT INTO available_minute VALUES (date_trunc('minute', now()) - interval '1 minute')",
        "INSERT INTO available_minute VALUES (date_trunc('minute', now()) + interval '1 minute')",
        "INSERT INTO available_minute VALUES (now())",
        "UPDATE available_minute SET minute = minute - interval '1 day'",
        "DELETE FROM available_minute",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with as_web(None):
                await database.fetch(deed)


async def test_a_day_proclaimed_later_counts_as_the_calendar_has_it_now(db: None) -> None:
    """Its minutes were kept whatever day it was."""
    saturday, monday = TUESDAY - timedelta(days=3, hours=1), TUESDAY - timedelta(days=1, hours=1)
    await fill((saturday - timedelta(days=1), saturday - timedelta(days=1) + MINUTE))
    await fill((saturday, saturday + timedelta(hours=10)), (monday, monday + timedelta(hours=2)))
    months = [NOVEMBER.plus(-1), NOVEMBER]
    with clock.at(monday + timedelta(hours=10)):
        assert [(one.expected, one.available) for one in await queries.availability(months)] == [(600, 1), (600, 120)]
        await database.fetch(
            "INSERT INTO extra_day (date, name, is_holiday) VALUES ($1, 'worked', false), ($2, 'rested', true)",
            saturday.date(),
            monday.date(),
        )
        kept.forget_everything()
        found = await queries.availability(months)
    assert [(one.month, one.expected, one.available) for one in found] == [(months[0], 1200, 601)]


@pytest.mark.spec("SD 3.2")
async def test_minutes_are_forgotten_with_the_reports_of_their_month_and_the_first_stays(db: None) -> None:
    first, old, kept = (datetime(2024, month, 1, 9, tzinfo=UTC) for month in (3, 10, 11))
    await fill(*((one, one + 2 * MINUTE) for one in (first, old, kept)))
    with clock.at(datetime(2026, 11, 30, 23, tzinfo=UTC)):
        await status_forget_minutes({})
    rows = await database.fetch("SELECT minute FROM available_minute ORDER BY minute")
    assert [row["minute"] for row in rows] == [first, kept, kept + MINUTE]
