"""The one clock: what time it is, in UTC, and in the local time that people are shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_fixed: ContextVar[datetime | None] = ContextVar("fixed_time", default=None)


def now() -> datetime:
    """The present moment as an aware UTC datetime; inside `at(...)`, the moment given there."""
    return _fixed.get() or datetime.now(UTC)


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
