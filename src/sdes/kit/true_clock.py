"""Whether this process's clock is to be believed: a wrong one must never destroy what it says is old.

Two things tell a wrong clock. It differs from the database's, which is another machine's as a rule: then the process
goes by the database's. And it has jumped, which tells it where both are one machine's.
"""

import time
from datetime import timedelta

from sdes.kit import clock, db
from sdes.kit.clock import MOST
from sdes.kit.errors import Refused

SETTLED = timedelta(days=1)  # after which a clock that has jumped, and not back, is believed to have been put right

WHY = (
    "The clock of this machine is wrong, or was put right only now, so nothing is archived, deleted or changed because"
    " of its date. Set the clock; what is due is done the next time."
)


class Steadiness:
    """Whether a clock has jumped, against one that only counts seconds. Told both again and again, in seconds."""

    def __init__(self) -> None:
        self._believed: float | None = None  # how far it is ahead of the one that counts
        self._last = 0.0
        self._since = 0.0  # when it jumped to where it is now

    def look(self, shown: float, counted: float) -> None:
        ahead, most = shown - counted, MOST.total_seconds()
        if self._believed is None or abs(ahead - self._believed) <= most:
            self._believed = self._last = ahead
            return
        if abs(ahead - self._last) > most:
            self._since = counted
        self._last = ahead
        if counted - self._since >= SETTLED.total_seconds():
            self._believed = ahead

    @property
    def jumped(self) -> timedelta:
        """How far it is from where it is believed to be; nothing for a clock that is kept right."""
        return timedelta(0) if self._believed is None else timedelta(seconds=round(self._last - self._believed))


_steadiness = Steadiness()
_noted = [timedelta(0)]


def look() -> None:
    """To be called every few seconds, so that a jump is seen whenever it happens."""
    _steadiness.look(time.time(), clock.counted())


def note(ahead: timedelta) -> None:
    """Remembers how far this process's clock was ahead of the database's when they were compared last."""
    _noted[0] = ahead


def noted() -> timedelta:
    """How far this process's clock is ahead, as far as is known without asking; below zero when it is behind."""
    return _noted[0] if is_away(_noted[0]) else _steadiness.jumped or _noted[0]


def is_away(ahead: timedelta) -> bool:
    """Whether it is so far from the true time that nothing may be destroyed by it."""
    return abs(ahead) > MOST


async def ahead() -> timedelta:
    """How far this process's clock is ahead of the database's now, by which it goes from here on; nothing while both
    may show the same. In whole seconds."""
    before = time.time()
    (row,) = await db.fetch("SELECT clock_timestamp() AS at")
    after = time.time()
    clock.go_by(row["at"])
    at = row["at"].timestamp()
    found = timedelta(seconds=round(before - at if before > at else min(after - at, 0.0)))
    note(found)
    return found


async def is_wrong() -> bool:
    """Whether this process's clock differs from the database's by more than `MOST`, or has jumped by more of late."""
    look()
    await ahead()
    return is_away(noted())


async def refuse_wrong_clock() -> None:
    """Refuses (409) to go on with a clock that is wrong. Whatever destroys or decides by the date asks this first."""
    if await is_wrong():
        raise Refused(WHY)


def refuse_noted_wrong() -> None:
    """As `refuse_wrong_clock`, by what is known already: for what people do, which asks the database nothing more."""
    if is_away(noted()):
        raise Refused(WHY)
