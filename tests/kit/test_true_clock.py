"""A wrong clock: seen whether it differs from the database's or has jumped, and then nothing is destroyed by it."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from jobs import by_hand, pulse
from jobs.timetable import TIMETABLE, WORDS
from sdes.kit import clock, true_clock
from sdes.kit import db as database
from sdes.kit.errors import Refused
from sdes.kit.true_clock import Steadiness

HOUR, DAY = 3600.0, 86_400.0
NIGHT = 1_800_000_000.0  # seconds, by a clock


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> Iterator[timedelta]:
    """This process's clock, and nobody else's, is an hour ahead."""
    by = timedelta(hours=1)
    true_time = time.time
    monkeypatch.setattr(time, "time", lambda: true_time() + by.total_seconds())
    yield by
    true_clock.note(timedelta(0))


@pytest.fixture(autouse=True)
def as_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(true_clock, "_steadiness", Steadiness())
    monkeypatch.setattr(clock, "_goes_by", [])


@pytest.mark.anyio
@pytest.mark.usefixtures("db")
async def test_a_right_clock_is_believed() -> None:
    assert await true_clock.ahead() == timedelta(0)
    await true_clock.refuse_wrong_clock()


@pytest.mark.anyio
@pytest.mark.usefixtures("db")
async def test_one_that_differs_from_the_databases_destroys_nothing(wrong: timedelta) -> None:
    assert abs(await true_clock.ahead() - wrong) < timedelta(seconds=5)
    with pytest.raises(Refused, match="clock of this machine is wrong"):
        await true_clock.refuse_wrong_clock()


@pytest.mark.anyio
@pytest.mark.usefixtures("db")
async def test_a_process_whose_clock_is_wrong_goes_by_the_databases(wrong: timedelta) -> None:
    assert clock.now() - clock.shown() < timedelta(seconds=1), "nobody has asked the database yet"
    await true_clock.ahead()
    (row,) = await database.fetch("SELECT clock_timestamp() AS at")
    assert abs(clock.now() - row["at"]) < timedelta(seconds=5)


def test_a_jump_is_seen_at_once_and_not_only_when_the_database_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    before = clock.now()
    clock.go_by(before)
    true_time = time.time
    for jump in (2 * DAY, -2 * DAY):
        monkeypatch.setattr(time, "time", lambda jump=jump: true_time() + jump)
        assert abs(clock.now() - before) < timedelta(minutes=1)
    monkeypatch.setattr(time, "time", lambda: true_time() + 60)
    assert clock.now() - before > timedelta(seconds=59), "a clock that is put right by a little is followed"


def test_a_machine_that_slept_has_no_clock_that_jumped(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system's monotonic clock leaves out, one of Linux's counts; who slept knows the time all the same."""
    true_clock.look()
    clock.go_by(clock.now())
    true_time, counted = time.time, time.clock_gettime
    slept = {time.CLOCK_BOOTTIME: HOUR, time.CLOCK_REALTIME: HOUR}
    monkeypatch.setattr(time, "time", lambda: true_time() + HOUR)
    monkeypatch.setattr(time, "clock_gettime", lambda which: counted(which) + slept.get(which, 0.0))
    true_clock.look()
    assert true_clock.noted() == timedelta(0)
    monkeypatch.setattr(time, "time", lambda: true_time() + 2 * HOUR)
    assert abs(clock.now().timestamp() - (true_time() + HOUR)) < 60, "it goes by the database's, which went on"
    true_clock.look()
    assert true_clock.noted() == timedelta(hours=1), "a jump is one all the same"


def test_a_clock_that_is_kept_right_is_steady() -> None:
    steady = Steadiness()
    for hour in range(200):
        steady.look(NIGHT + hour * HOUR + hour, hour * HOUR)  # a second an hour
    assert steady.jumped == timedelta(0)


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 2 * DAY])
def test_a_jump_counts_for_a_day_and_is_believed_then(jump: float) -> None:
    steady = Steadiness()
    steady.look(NIGHT, 0)
    steady.look(NIGHT + 10 + jump, 10)
    assert steady.jumped == timedelta(seconds=jump)
    steady.look(NIGHT + DAY + jump, DAY)
    assert steady.jumped == timedelta(seconds=jump)
    steady.look(NIGHT + DAY + 11 + jump, DAY + 11)
    assert steady.jumped == timedelta(0)


def test_one_that_comes_back_is_believed_at_once() -> None:
    steady = Steadiness()
    for shown, counted in ((NIGHT, 0.0), (NIGHT + 2 * DAY, 10.0), (NIGHT + 20, 20.0)):
        steady.look(shown, counted)
    assert steady.jumped == timedelta(0)


def test_another_jump_begins_the_day_anew() -> None:
    steady = Steadiness()
    for shown, counted in ((NIGHT, 0.0), (NIGHT + 2 * DAY, 10.0), (NIGHT + 4 * DAY, HOUR)):
        steady.look(shown, counted)
    steady.look(NIGHT + 5 * DAY + 10 - HOUR, DAY + 10)
    assert steady.jumped > timedelta(days=3)


@pytest.mark.anyio
@pytest.mark.usefixtures("db", "wrong")
@pytest.mark.parametrize("name", sorted(entry.name for entry in TIMETABLE if entry.goes_by_the_date))
async def test_no_job_that_goes_by_the_date_is_begun_by_a_wrong_clock(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Job:
        function, key = name, f"cron:{name}"

        async def update(self, **_: object) -> None: ...

    with pytest.raises(Refused, match="nothing is archived, deleted"):
        await pulse.begin({"job": Job()})


@pytest.mark.anyio
@pytest.mark.usefixtures("db", "wrong")
async def test_nor_by_hand() -> None:
    with pytest.raises(Refused, match="nothing is archived, deleted"):
        await by_hand.run("sdep_delete")


def test_whatever_destroys_goes_by_the_date() -> None:
    """A new job whose name says that it forgets, deletes or archives is to be named in the timetable's list."""
    words = ("forget", "delete", "archive", "tidy", "inactivity")
    forgotten = {name for name in WORDS if any(f"_{word}" in name for word in words)}
    assert forgotten - {name for name, entry in WORDS.items() if entry.goes_by_the_date} == set()
