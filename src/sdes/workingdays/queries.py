"""Reads the extra days; they concern everybody, so nobody is asked who reads them."""

from dataclasses import dataclass
from datetime import date

from sdes.kit import db
from sdes.kit.kept import Kept
from sdes.workingdays.calendar import WorkingCalendar


@dataclass(frozen=True, slots=True)
class ExtraDayView:
    """A day proclaimed a holiday (`is_holiday`), or a Working Day (not)."""

    date: date
    name: str
    is_holiday: bool

    @property
    def weekday(self) -> str:
        """E.g. "Monday"."""
        return f"{self.date:%A}"


async def exact_calendar() -> WorkingCalendar:
    """The working calendar as it is now, by which something is written (one query of a small table)."""
    rows = await db.fetch("SELECT date, is_holiday FROM extra_day")
    return WorkingCalendar({row["date"]: row["is_holiday"] for row in rows})


KEPT_CALENDAR = Kept(exact_calendar, seconds=5)


async def calendar() -> WorkingCalendar:
    """The working calendar by which something is shown; a change made by another process is in it within seconds."""
    return await KEPT_CALENDAR.value()


async def extra_days() -> list[ExtraDayView]:
    """The days that differ from the ordinary calendar, the latest first."""
    rows = await db.fetch("SELECT date, name, is_holiday FROM extra_day ORDER BY date DESC")
    return [ExtraDayView(row["date"], row["name"], row["is_holiday"]) for row in rows]
