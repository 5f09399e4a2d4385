"""The arithmetic of Working Days and operational hours, without the database."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal

import holidays

from sdes.kit.clock import LONDON

Unit = Literal["WD", "OH"]

OPENS = time(8)
CLOSES = time(18)
WINDOW = timedelta(hours=10)
DAY = timedelta(days=1)
SATURDAY = 5


class WorkingCalendar:
    """The bank holidays of England and Wales, with `extra` days: True a holiday, False a Working Day after all."""

    def __init__(self, extra: Mapping[date, bool] | None = None) -> None:
        self._extra = dict(extra or {})
        self.mark = hash(frozenset(self._extra.items()))  # of the days that it knows besides the law's
        self._counted: dict[tuple[date, date], int] = {}  # a list asks for the same few days again and again

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is no Saturday, Sunday, Christmas Day, Good Friday or bank holiday; extra days come first."""
        is_holiday = self._extra.get(day)
        if is_holiday is not None:
            return not is_holiday
        return day.weekday() < SATURDAY and day not in _bank_holidays(day.year)

    def operational_hours(self, day: date) -> tuple[datetime, datetime] | None:
        """From when to when (aware, UTC) a day has operational hours; None where it is no Working Day."""
        return (_utc(day, OPENS), _utc(day, CLOSES)) if self.is_working_day(day) else None

    def add_working_days(self, day: date, amount: int) -> date:
        """The Working Day that is `amount` Working Days after `day`; with 0, `day` or the first Working Day after it.

        Refuses (ValueError) a negative amount.
        """
        if amount < 0:
            raise ValueError("an amount of working days cannot be negative")
        if amount == 0:
            return day if self.is_working_day(day) else self.add_working_days(day, 1)
        while amount:
            day += DAY
            amount -= self.is_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """The number of Working Days after `start` up to and with `end`; 0 when `end` is not after `start`."""
        days = self._counted.get((start, end))
        if days is None:
            days = sum(self.is_working_day(start + DAY * step) for step in range(1, (end - start).days + 1))
            self._counted[start, end] = days
        return days

    def due_at(self, sent_at: datetime, amount: int, unit: Unit | str) -> datetime:
        """The moment (aware, UTC) at which `amount` Working Days ("WD") or operational hours ("OH") have passed.

        WD: the day of sending is day 0 and it is due at 18:00 of day `amount`; what is sent after 18:00 or on another
        day counts as sent on the next Working Day. OH: the clock runs from the message, or from the next 08:00, and
        only during operational hours. Refuses (ValueError) a time without zone, an amount below 1, another unit.
        SD 11.1(e) and footnote 4.
        """
        if amount < 1:
            raise ValueError("a response time is at least 1")
        local = _local(sent_at)
        match unit:
            case "WD":
                return _utc(self.add_working_days(self._day_of_sending(local), amount), CLOSES)
            case "OH":
                return self._add_operational_time(local, timedelta(hours=amount))
            case _:
                raise ValueError(f"unknown unit {unit!r}")

    def operational_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time from `start` to `end` (aware) lies in operational hours; 0 when `end` is earlier."""
        if end <= start:
            return timedelta()
        first, last = _local(start).date(), _local(end).date()
        if first == last:
            return self._operational_part(first, start, end)
        whole_days = self.working_days_between(first, last - DAY)
        return (
            self._operational_part(first, start, _utc(first, CLOSES))
            + whole_days * WINDOW
            + self._operational_part(last, _utc(last, OPENS), end)
        )

    def _operational_part(self, day: date, start: datetime, end: datetime) -> timedelta:
        if not self.is_working_day(day):
            return timedelta()
        seen = min(_utc(day, CLOSES), end) - max(_utc(day, OPENS), start)
        return max(seen, timedelta())

    def _day_of_sending(self, local: datetime) -> date:
        is_too_late = local.time() > CLOSES
        return self.add_working_days(local.date(), 1 if is_too_late else 0)

    def _add_operational_time(self, local: datetime, wanted: timedelta) -> datetime:
        day = self.add_working_days(local.date(), 0)
        start = max(local.astimezone(UTC), _utc(day, OPENS))
        if start >= _utc(day, CLOSES):
            day = self.add_working_days(day, 1)
            start = _utc(day, OPENS)
        while (left_today := _utc(day, CLOSES) - start) < wanted:
            wanted -= left_today
            day = self.add_working_days(day, 1)
            start = _utc(day, OPENS)
        return start + wanted


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(LONDON)


def _utc(day: date, wall: time) -> datetime:
    # Neither 08:00 nor 18:00 is ever skipped or repeated when the clocks change.
    return datetime.combine(day, wall, LONDON).astimezone(UTC)


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
