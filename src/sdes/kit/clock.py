"""The one clock: what time it is, in UTC, and in the local time that people are shown."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MOST = timedelta(minutes=5)  # that this process's clock may be away from the one it goes by

_fixed: ContextVar[datetime | None] = ContextVar("fixed_time", default=None)
_goes_by: list[float] = []  # how far the clock that counts is ahead of the seconds that this process counts
_COUNTING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # Linux has one that goes on in a sleeping machine


def counted() -> float:
    """Seconds that only count, however the clock is set, those included in which the machine slept: what a clock's jump
    is measured against."""
    return time.clock_gettime(_COUNTING)


def now() -> datetime:
    """The present moment as an aware UTC datetime; inside `at(...)`, the moment given there.

    A process whose own clock is away from the one that it goes by, or jumps, tells the time by the other."""
    if fixed := _fixed.get():
        return fixed
    shown = time.time()
    if _goes_by and abs(shown - (true := counted() + _goes_by[0])) > MOST.total_seconds():
        shown = true
    return datetime.fromtimestamp(shown, UTC)


def shown() -> datetime:
    """What this process's own clock shows, right or wrong: for what goes by it and cannot go by another."""
    return _fixed.get() or datetime.fromtimestamp(time.time(), UTC)


def go_by(moment: datetime) -> None:
    """The true time is `moment` now: the database's, which all processes go by."""
    _goes_by[:] = [moment.timestamp() - counted()]


def held() -> datetime | None:
    """The moment at which `at(...)` holds the clock, else None: for what goes by the database's clock otherwise."""
    return _fixed.get()


def local(moment: datetime) -> datetime:
    """The same moment as wall-clock time in London."""
    return moment.astimezone(LONDON)


def today() -> date:
    """The present day in London."""
    return local(now()).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Holds the clock at `moment` (aware) within the block: for tests and for jobs run as at another time."""
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
