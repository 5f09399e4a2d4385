"""Capacity against what is asked of the service (SD 6.1), and growth with what is to be done about it (SD 6.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sdes.kit.pool import MOST_WAITING, PATIENCE
from sdes.status.parts import Part, counted, size
from sdes.status.queries import Busy, Figures, Sample

ASKED = 16_000  # Authorised Persons at once
FULL = 0.8  # of it: from here on something is to be done
LOOKED_BACK = 30  # days, over which growth is reckoned
AHEAD = 365  # days, over which it is told
SOON = 180  # days before what is asked is reached

OVER = (
    f"Nobody is counted out at {ASKED:,}: requests wait for a connection to the database, and take longer. While"
    f" {MOST_WAITING} wait in one web process, whoever comes then is told at once that the service is busy, and to try"
    f" again; one that waits for {PATIENCE:.0f} seconds is told so, too. Nothing that was acknowledged is lost."
)
ADD = "Start one more machine with the web application, or give the database more connections: see docs/running.md."


@dataclass(frozen=True)
class Growth:
    """How one thing grows: what there is, how much a day, what there would be in a year."""

    name: str
    now: str
    a_day: str
    in_a_year: str


@dataclass(frozen=True)
class Capacity:
    """What the page shows: the state now, growth, and the days that it is reckoned from, newest first."""

    part: Part
    people: int
    percent: float
    busy: Busy
    growth: list[Growth]
    measures: list[str]
    days: list[Sample]


def capacity(figures: Figures, busy: Busy, samples: Sequence[Sample]) -> Capacity:
    """From what is so now and the daily samples, oldest first."""
    counted_days = [sample for sample in samples if sample.counted_at]
    return Capacity(
        part=_part(figures, busy),
        people=figures.people,
        percent=round(100 * figures.people / ASKED, 1),
        busy=busy,
        growth=_growth(counted_days) if counted_days else [],
        measures=_measures(samples),
        days=list(reversed(samples)),
    )


def _part(figures: Figures, busy: Busy) -> Part:
    name = "Capacity"
    people = counted(figures.people, "person", "people")
    detail = f"{people} active within the idle time of a session, of {ASKED:,} that the service is to carry."
    if figures.people >= ASKED:
        return Part(name, "bad", "Beyond what was asked", f"{detail} {OVER}")
    if figures.people >= FULL * ASKED:
        return Part(name, "warn", "Nearly full", f"{detail} {ADD}")
    if busy.waiting:
        return Part(name, "warn", "Requests wait", f"{detail} {OVER}")
    return Part(name, "ok", "Enough", detail)


def _growth(samples: Sequence[Sample]) -> list[Growth]:
    first, last = samples[-LOOKED_BACK:][0], samples[-1]
    days = (last.day - first.day).days

    def told(name: str, of: str, as_size: bool = False) -> Growth:
        has = getattr(last, of)
        write = size if as_size else (lambda number: f"{number:,.0f}")
        if not days:
            return Growth(name, write(has), "", "")
        rate = (has - getattr(first, of)) / days
        sign = "+" if rate > 0 else "−" if rate < 0 else ""
        return Growth(name, write(has), f"{sign}{write(abs(rate))}", write(max(has + rate * AHEAD, 0)))

    return [
        told("Communications", "communications"),
        told("Messages", "messages"),
        told("Files", "files"),
        told("Files, size", "file_bytes", as_size=True),
        told("Database, size", "database_bytes", as_size=True),
    ]


def _measures(samples: Sequence[Sample]) -> list[str]:
    """What the Code Manager is to be told, with the measure that it calls for; nothing while nothing is."""
    recent = samples[-LOOKED_BACK:]
    if not recent:
        return []
    most = max(sample.people_at_most for sample in recent)
    if most >= FULL * ASKED:
        return [f"{most:,} people were active at one time in these days, of {ASKED:,}. {ADD}"]
    if days := _days_left(recent):
        return [f"If as many people come as of late, {ASKED:,} at one time are reached in about {days} days. {ADD}"]
    return []


def _days_left(recent: Sequence[Sample]) -> int | None:
    """From the most people of the first half of the days and of the second, when what is asked would be reached."""
    half = len(recent) // 2
    if half < 7:
        return None  # too few to tell growth from chance
    before = max(sample.people_at_most for sample in recent[:half])
    since = max(sample.people_at_most for sample in recent[half:])
    a_day = (since - before) / half
    if a_day <= 0:
        return None
    days = int((ASKED - since) / a_day)
    return days if days <= SOON else None
