"""How much time is left to respond, in words."""

from datetime import datetime, timedelta

from sdes.kit.clock import LONDON
from sdes.workingdays.calendar import Unit, WorkingCalendar

MINUTE = timedelta(minutes=1)


def time_left_text(calendar: WorkingCalendar, due: datetime, now: datetime, unit: Unit | str) -> str:
    """The time left until `due`, or passed since, both aware, in the unit of the response time ("WD" or "OH").

    E.g. "2 working days left", "5 operational hours left", "due today by 18:00", "overdue by 1 working day".
    """
    if now > due:
        return _overdue(calendar, due, now, unit)
    if unit == "OH":
        return f"{_duration(calendar.operational_time_between(now, due))} left"
    today, day = now.astimezone(LONDON).date(), due.astimezone(LONDON).date()
    if today == day:
        return f"due today by {due.astimezone(LONDON):%H:%M}"
    # At least 1: the day itself may have been proclaimed a holiday since the response time was set.
    return f"{_count(max(calendar.working_days_between(today, day), 1), 'working day')} left"


def _overdue(calendar: WorkingCalendar, due: datetime, now: datetime, unit: Unit | str) -> str:
    days = calendar.working_days_between(due.astimezone(LONDON).date(), now.astimezone(LONDON).date())
    if days > 1:  # decided without the hours, which take as long again to count: lists are full of these
        return f"overdue by {_count(days, 'working day')}"
    late = calendar.operational_time_between(due, now)
    if late < MINUTE:
        return "overdue"
    return f"overdue by {_count(1, 'working day') if unit == 'WD' else _duration(late)}"


def _duration(time: timedelta) -> str:
    """Operational time in words; below three hours with minutes, since then they matter."""
    minutes = -(-time // MINUTE)
    hours, rest = divmod(minutes, 60)
    if hours == 0:
        return _count(max(rest, 1), "operational minute")
    if hours >= 3 or rest == 0:
        return _count(hours, "operational hour")
    return f"{_count(hours, 'operational hour')} {_count(rest, 'minute')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
