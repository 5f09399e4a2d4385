"""Availability of the service in operational hours, a calendar month at a time (SD 3.2), without the database.

Whatever the service was away for counts against it. Scheduled maintenance (SD 3.1, 3.3) is not taken off: where it is
to be one day, its spans are taken off in `hours_of`, and nowhere else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sdes.kit import clock
from sdes.sdep.reports.months import Month
from sdes.status.parts import Part, counted
from sdes.workingdays.calendar import DAY, WorkingCalendar

TARGET = 99  # percent of a month's operational minutes
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Span:
    """From one whole minute to another, within the operational hours of one day."""

    since: datetime
    until: datetime

    @property
    def minutes(self) -> int:
        return (self.until - self.since) // MINUTE

    @property
    def day(self) -> date:
        """In London."""
        return clock.local(self.since).date()


@dataclass(frozen=True)
class Day:
    """One Working Day, or as much of it as counts."""

    day: date
    expected: int  # minutes
    outages: list[Span]

    @property
    def available(self) -> int:
        return self.expected - sum(one.minutes for one in self.outages)


@dataclass(frozen=True)
class Availability:
    """What was expected of one month so far, the operational hours of each day, and when the service was away."""

    month: Month
    hours: list[Span]
    outages: list[Span]
    is_over: bool  # the month

    @property
    def expected(self) -> int:
        """Minutes."""
        return sum(one.minutes for one in self.hours)

    @property
    def available(self) -> int:
        """Minutes."""
        return self.expected - sum(one.minutes for one in self.outages)

    @property
    def percent(self) -> str:
        """With two decimals, never rounded up: 98.999 is told as 98.99. Empty where nothing was expected."""
        return percent(self.available, self.expected)

    @property
    def is_met(self) -> bool:
        """Whether the target is: by the minutes themselves, not by the number that is told."""
        return 100 * self.available >= TARGET * self.expected

    @property
    def longest(self) -> Span | None:
        """The longest outage, the first of several."""
        return max(self.outages, key=lambda one: one.minutes, default=None)

    @property
    def days(self) -> list[Day]:
        """Its Working Days."""
        return [Day(one.day, one.minutes, [out for out in self.outages if out.day == one.day]) for one in self.hours]


def percent(available: int, expected: int) -> str:
    """One of the other, with two decimals, never rounded up; empty where nothing was expected."""
    if not expected:
        return ""
    hundredths = 10_000 * available // expected
    return f"{hundredths // 100}.{hundredths % 100:02}"


def hours_of(calendar: WorkingCalendar, months: Iterable[Month], begun: datetime, present: datetime) -> list[Span]:
    """The operational hours of these months from when there was a service up to the `present` minute, which is not over
    yet. Which days are Working Days is the calendar's of today to say: whatever is proclaimed of a day later counts."""
    found = []
    for month in months:
        for number in range((month.plus(1).first - month.first).days):
            if hours := calendar.operational_hours(month.first + number * DAY):
                since, until = max(hours[0], begun), min(hours[1], present)
                if since < until:
                    found.append(Span(since, until))
    return found


def by_month(months: Sequence[Month], hours: Sequence[Span], outages: Sequence[Span], now: date) -> list[Availability]:
    """The months of which anything was expected, in their order."""
    found = []
    for month in months:
        own = [one for one in hours if _is_in(month, one)]
        if own:
            lost = [one for one in outages if _is_in(month, one)]
            found.append(Availability(month, own, lost, is_over=month.plus(1).first <= now))
    return found


def availability_part(found: Sequence[Availability]) -> Part:
    """This month so far, `found` holding it first if anything was expected of it yet."""
    name = "Availability"
    if not found or found[0].is_over:
        return Part(name, "ok", "Nothing to tell yet", "No operational hours of this month have passed.")
    one = found[0]
    lost = counted(one.expected - one.available, "minute was", "minutes were")
    of = counted(one.expected, "operational minute", "operational minutes")
    detail = f"{lost} lost of {of} of {one.month.title} so far. {TARGET} % are asked for."
    return Part(name, "ok" if one.is_met else "warn", f"{one.percent} %", detail)


def _is_in(month: Month, one: Span) -> bool:
    return one.day.replace(day=1) == month.first
