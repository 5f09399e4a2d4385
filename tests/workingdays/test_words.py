"""How the time left is put into words."""

from datetime import datetime

import pytest

from sdes.kit.clock import LONDON
from sdes.workingdays.calendar import WorkingCalendar
from sdes.workingdays.words import time_left_text


def london(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("now", "due", "unit", "text"),
    [
        ("2026-11-05 09:00", "2026-11-12 18:00", "WD", "5 working days left"),
        ("2026-11-06 19:00", "2026-11-09 18:00", "WD", "1 working day left"),
        ("2026-11-09 09:00", "2026-11-09 18:00", "WD", "due today by 18:00"),
        ("2026-11-09 18:00", "2026-11-09 18:00", "WD", "due today by 18:00"),
        ("2026-11-09 18:30", "2026-11-09 18:00", "WD", "overdue"),
        ("2026-11-10 08:30", "2026-11-09 18:00", "WD", "overdue by 1 working day"),
        ("2026-11-14 12:00", "2026-11-09 18:00", "WD", "overdue by 4 working days"),
        ("2026-11-05 12:00", "2026-11-05 17:00", "OH", "5 operational hours left"),
        ("2026-11-06 17:30", "2026-11-09 09:30", "OH", "2 operational hours left"),
        ("2026-11-06 16:50", "2026-11-09 09:30", "OH", "2 operational hours 40 minutes left"),
        ("2026-11-09 08:59", "2026-11-09 10:00", "OH", "1 operational hour 1 minute left"),
        ("2026-11-09 09:15", "2026-11-09 09:30", "OH", "15 operational minutes left"),
        ("2026-11-09 09:29", "2026-11-09 09:30", "OH", "1 operational minute left"),
        ("2026-11-09 09:30", "2026-11-06 17:30", "OH", "overdue by 2 operational hours"),
        ("2026-11-07 09:30", "2026-11-06 18:00", "OH", "overdue"),
        ("2026-11-11 09:30", "2026-11-06 17:30", "OH", "overdue by 3 working days"),
    ],
)
def test_time_left(now: str, due: str, unit: str, text: str) -> None:
    assert time_left_text(WorkingCalendar(), london(due), london(now), unit) == text


def test_a_due_day_proclaimed_a_holiday_since_is_still_a_day_ahead() -> None:
    due = london("2026-11-09 18:00")
    calendar = WorkingCalendar({due.date(): True})
    assert time_left_text(calendar, due, london("2026-11-07 12:00"), "WD") == "1 working day left"
