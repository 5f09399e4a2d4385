"""The working calendar against a slow count, minute by minute, and against days that are known."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sdes.kit.clock import LONDON
from sdes.workingdays.calendar import WorkingCalendar
from tests.workingdays import slow

CALENDAR = WorkingCalendar()

SPRING = datetime(2026, 3, 29, tzinfo=UTC)  # a Sunday: 01:00 becomes 02:00
AUTUMN = datetime(2026, 10, 25, tzinfo=UTC)  # a Sunday: 02:00 becomes 01:00
CHRISTMAS = datetime(2026, 12, 25, tzinfo=UTC)
NEW_YEAR = datetime(2028, 1, 1, tzinfo=UTC)


def near(day: datetime) -> st.SearchStrategy[datetime]:
    return st.integers(-6 * 1440, 3 * 1440).map(lambda minutes: day + timedelta(minutes=minutes))


moments = st.one_of(
    st.integers(0, 3 * 365 * 1440).map(lambda minutes: datetime(2025, 1, 2, tzinfo=UTC) + timedelta(minutes=minutes)),
    near(SPRING),
    near(AUTUMN),
    near(CHRISTMAS),
    near(NEW_YEAR),
)
few = settings(max_examples=150, deadline=None)


def london(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=LONDON)


@few
@given(moments, st.integers(1, 33))
@example(AUTUMN - timedelta(hours=31), 3)
@example(CHRISTMAS - timedelta(minutes=400), 33)
def test_operational_hours_are_those_of_the_slow_count(sent_at: datetime, hours: int) -> None:
    due = CALENDAR.due_at(sent_at, hours, "OH")
    assert due == slow.operational_due(sent_at, hours)
    assert CALENDAR.operational_time_between(sent_at, due) == timedelta(hours=hours)


@few
@given(moments, st.integers(1, 6))
@example(SPRING - timedelta(hours=31), 1)
@example(CHRISTMAS - timedelta(minutes=361), 5)
def test_working_days_are_those_of_the_slow_count(sent_at: datetime, days: int) -> None:
    assert CALENDAR.due_at(sent_at, days, "WD") == slow.working_day_due(sent_at, days)


@few
@given(moments, st.integers(0, 8 * 1440))
def test_operational_time_is_that_of_the_slow_count(start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    expected = timedelta(minutes=slow.operational_minutes(start, end))
    assert CALENDAR.operational_time_between(start, end) == expected
    assert CALENDAR.operational_time_between(start.astimezone(LONDON), end.astimezone(LONDON)) == expected
    assert CALENDAR.operational_time_between(end, start) == timedelta()


def test_four_years_of_days_are_those_of_the_list() -> None:
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(4 * 365 + 1)]
    assert [day for day in days if CALENDAR.is_working_day(day) != slow.is_working_day(day)] == []


@pytest.mark.parametrize(
    ("sent", "amount", "unit", "due"),
    [
        ("2026-11-06 16:30", 3, "OH", "2026-11-09 09:30"),  # Friday to Monday
        ("2026-11-05 08:00", 10, "OH", "2026-11-05 18:00"),  # a full day ends on its day
        ("2026-11-05 07:59", 1, "OH", "2026-11-05 09:00"),
        ("2026-11-05 18:00", 3, "OH", "2026-11-06 11:00"),  # the window is closed at 18:00
        ("2026-10-23 17:00", 3, "OH", "2026-10-26 10:00"),  # the clocks go back in between
        ("2026-12-24 17:00", 3, "OH", "2026-12-29 10:00"),  # Christmas, weekend, substitute day
        ("2026-11-05 12:00", 5, "WD", "2026-11-12 18:00"),
        ("2026-11-05 18:00", 1, "WD", "2026-11-06 18:00"),  # at 18:00 is still that day
        ("2026-11-05 18:01", 1, "WD", "2026-11-09 18:00"),  # after it counts as sent on the next
        ("2026-11-07 09:00", 1, "WD", "2026-11-10 18:00"),  # Saturday counts as Monday
        ("2026-03-27 12:00", 1, "WD", "2026-03-30 18:00"),  # the clocks go forward in between
        ("2026-04-02 12:00", 2, "WD", "2026-04-08 18:00"),  # Good Friday and Easter Monday
        ("2027-12-31 10:00", 1, "WD", "2028-01-04 18:00"),  # New Year's Day on a Saturday
    ],
)
def test_due(sent: str, amount: int, unit: str, due: str) -> None:
    assert CALENDAR.due_at(london(sent), amount, unit).astimezone(LONDON) == london(due)
    assert CALENDAR.due_at(london(sent), amount, unit).tzinfo is UTC


def test_extra_days_are_heard_first() -> None:
    friday, saturday = date(2026, 11, 6), date(2026, 11, 7)
    calendar = WorkingCalendar({friday: True, saturday: False, date(2026, 12, 25): False})
    assert not calendar.is_working_day(friday)
    assert calendar.is_working_day(saturday)
    assert calendar.is_working_day(date(2026, 12, 25))
    assert calendar.due_at(london("2026-11-05 17:00"), 3, "OH") == london("2026-11-07 10:00")
    assert calendar.due_at(london("2026-11-05 17:00"), 1, "WD") == london("2026-11-07 18:00")


def test_adding_no_working_day_gives_the_day_or_the_next() -> None:
    assert CALENDAR.add_working_days(date(2026, 11, 6), 0) == date(2026, 11, 6)
    assert CALENDAR.add_working_days(date(2026, 11, 7), 0) == date(2026, 11, 9)
    assert CALENDAR.add_working_days(date(2026, 11, 7), 1) == date(2026, 11, 9)
    assert CALENDAR.working_days_between(date(2026, 11, 6), date(2026, 11, 9)) == 1


@pytest.mark.parametrize(("moment", "amount", "unit"), [("naive", 1, "WD"), ("", 0, "OH"), ("", 1, "days")])
def test_nonsense_is_refused(moment: str, amount: int, unit: str) -> None:
    sent_at = datetime(2026, 11, 5) if moment == "naive" else london("2026-11-05 12:00")
    with pytest.raises(ValueError, match=r"zone|at least|unit"):
        CALENDAR.due_at(sent_at, amount, unit)
