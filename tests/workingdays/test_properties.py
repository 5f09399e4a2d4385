"""The clock of responses against the slow count, with days proclaimed at short notice, and in words: over weekends,
bank holidays, both changes of the clock and the ends of years."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sdes.kit.clock import LONDON
from sdes.workingdays.calendar import CLOSES, OPENS, WINDOW, WorkingCalendar
from sdes.workingdays.words import time_left_text
from tests.workingdays import slow

pytestmark = pytest.mark.spec("SD 11.1(e)")

EDGES = [
    datetime(2026, 3, 29, tzinfo=UTC),  # a Sunday: 01:00 becomes 02:00
    datetime(2026, 10, 25, tzinfo=UTC),  # a Sunday: 02:00 becomes 01:00
    datetime(2027, 3, 28, tzinfo=UTC),  # the clocks change in the Easter weekend
    datetime(2026, 12, 31, tzinfo=UTC),
    datetime(2027, 12, 31, tzinfo=UTC),  # New Year's Day a Saturday, its substitute a Monday
    datetime(2026, 5, 4, tzinfo=UTC),
]
SPAN = 5 * 1440  # minutes before and after an edge
moments = st.builds(
    lambda edge, minutes: edge + timedelta(minutes=minutes), st.sampled_from(EDGES), st.integers(-SPAN, SPAN)
)
amounts = st.integers(1, 24)
units = st.sampled_from(["WD", "OH"])
few = settings(max_examples=120, deadline=None)


@st.composite
def proclaimed(draw: st.DrawFn) -> tuple[datetime, dict[date, bool]]:
    """A moment, and up to three days near it that were proclaimed holidays or Working Days."""
    moment = draw(moments)
    days = draw(st.dictionaries(st.integers(-3, 9), st.booleans(), max_size=3))
    return moment, {moment.date() + timedelta(days=after): is_holiday for after, is_holiday in days.items()}


@few
@given(proclaimed(), amounts)
@example((datetime(2026, 10, 23, 16, 59, tzinfo=UTC), {date(2026, 10, 26): True}), 3)
def test_hours_are_due_as_counted_by_minutes(told: tuple[datetime, dict[date, bool]], hours: int) -> None:
    sent_at, extra = told
    due = WorkingCalendar(extra).due_at(sent_at, hours, "OH")
    assert due == slow.operational_due(sent_at, hours, extra)
    assert slow.operational_minutes(sent_at, due, extra) == hours * 60


@few
@given(proclaimed(), st.integers(1, 6))
@example((datetime(2027, 3, 25, 18, 0, tzinfo=UTC), {date(2027, 3, 27): False}), 1)
def test_days_are_due_as_counted_by_minutes(told: tuple[datetime, dict[date, bool]], days: int) -> None:
    sent_at, extra = told
    assert WorkingCalendar(extra).due_at(sent_at, days, "WD") == slow.working_day_due(sent_at, days, extra)


@few
@given(proclaimed(), st.integers(-2 * 1440, 6 * 1440), units)
@example((datetime(2026, 10, 26, 9, 30, tzinfo=UTC), {}), -3 * 1440, "OH")
@example((datetime(2026, 5, 5, 9, 30, tzinfo=UTC), {}), 0, "WD")
def test_the_words_tell_the_counted_time(told: tuple[datetime, dict[date, bool]], ahead: int, unit: str) -> None:
    now, extra = told
    due = now + timedelta(minutes=ahead)
    assert time_left_text(WorkingCalendar(extra), due, now, unit) == slow.words_of_time_left(due, now, unit, extra)


@few
@given(proclaimed(), st.integers(0, 4 * 1440), st.integers(0, 4 * 1440))
def test_operational_time_adds_up_and_never_runs_backwards(
    told: tuple[datetime, dict[date, bool]], first: int, second: int
) -> None:
    start, extra = told
    calendar = WorkingCalendar(extra)
    middle = start + timedelta(minutes=first, seconds=7)
    end = middle + timedelta(minutes=second, microseconds=3)
    parts = [calendar.operational_time_between(*pair) for pair in ((start, middle), (middle, end))]
    assert calendar.operational_time_between(start, end) == sum(parts, timedelta())
    assert all(timedelta() <= part for part in parts)
    assert calendar.operational_time_between(end, start) == timedelta()


@few
@given(proclaimed(), st.integers(1, 6), st.integers(0, 3 * 1440), units)
def test_who_sends_later_is_never_due_earlier_and_never_without_notice(
    told: tuple[datetime, dict[date, bool]], amount: int, later: int, unit: str
) -> None:
    sent_at, extra = told
    calendar = WorkingCalendar(extra)
    due = calendar.due_at(sent_at, amount, unit)
    assert due <= calendar.due_at(sent_at + timedelta(minutes=later), amount, unit)
    assert due < calendar.due_at(sent_at, amount + 1, unit)
    assert calendar.operational_time_between(sent_at, due) >= (
        WINDOW * amount if unit == "WD" else timedelta(hours=amount)
    )
    wall = due.astimezone(LONDON)
    assert calendar.is_working_day(wall.date())
    assert OPENS < wall.time() <= CLOSES


@few
@given(proclaimed(), st.integers(0, 12))
def test_adding_working_days_is_counting_them(told: tuple[datetime, dict[date, bool]], amount: int) -> None:
    moment, extra = told
    start, calendar = moment.date(), WorkingCalendar(extra)
    end = calendar.add_working_days(start, amount)
    counted = [day for day in slow.days_between(start, end) if slow.is_working_day(day, extra)]
    assert calendar.working_days_between(start, end) == len(counted)
    assert slow.is_working_day(end, extra)
    if amount:
        assert len(counted) == amount
    else:
        assert counted in ([], [end])
        assert end == start or not slow.is_working_day(start, extra)
    assert calendar.working_days_between(end, start) == 0
