"""Availability as a slow count has it, too: over bank holidays, proclaimed days and both changes of the clocks."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdes.sdep.reports.months import Month
from sdes.status.availability import Span, by_month, hours_of, percent
from sdes.workingdays.calendar import WorkingCalendar
from tests.workingdays.slow import Extra, is_operational

MINUTE = timedelta(minutes=1)
LONG_AGO, LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
YEAR = [Month(date(2026, number, 1)) for number in range(1, 13)]


def minutes_of(month: Month) -> list[datetime]:
    """Every operational minute of a month, found by looking at every minute of it."""
    length = int((month.until.astimezone(UTC) - month.since.astimezone(UTC)) / MINUTE)
    every = (month.since.astimezone(UTC) + number * MINUTE for number in range(length))
    return [minute for minute in every if is_operational(minute)]


def minutes_in(spans: Iterable[Span]) -> list[datetime]:
    return [one.since + number * MINUTE for one in spans for number in range(one.minutes)]


@pytest.mark.spec("SD 3.2")
@pytest.mark.parametrize("month", YEAR, ids=lambda month: month.key)
def test_what_is_expected_of_a_month(month: Month) -> None:
    """Both changes of the clocks and all bank holidays of a year are in it."""
    found = hours_of(WorkingCalendar(), [month], LONG_AGO, LATER)
    assert minutes_in(found) == minutes_of(month)
    assert sum(one.minutes for one in found) == len(found) * 600


def test_the_hours_are_london_s_on_both_sides_of_a_change_of_the_clocks() -> None:
    starts = {one.day: one.since.hour for one in hours_of(WorkingCalendar(), YEAR, LONG_AGO, LATER)}
    assert (starts[date(2026, 3, 27)], starts[date(2026, 3, 30)]) == (8, 7)
    assert (starts[date(2026, 10, 23)], starts[date(2026, 10, 26)]) == (7, 8)


DAYS = st.dates(date(2026, 3, 26), date(2026, 4, 12))


@settings(deadline=None, max_examples=60)
@given(begun=st.integers(0, 86_000), length=st.integers(0, 9_000), proclaimed=st.dictionaries(DAYS, st.booleans()))
def test_what_is_expected_from_the_beginning_to_now(begun: int, length: int, proclaimed: Extra) -> None:
    """Over the change of the clocks, Easter and proclaimed days, from any minute to any other."""
    months = YEAR[2:4]
    since = months[0].since.astimezone(UTC) + begun * MINUTE
    found = hours_of(WorkingCalendar(proclaimed), months, since, until := since + length * MINUTE)
    every = (since + number * MINUTE for number in range(length))
    assert minutes_in(found) == [one for one in every if one < months[1].until and is_operational(one, proclaimed)]
    assert all(one.until <= until for one in found)


@pytest.mark.parametrize(
    ("available", "expected", "told"),
    [
        (0, 0, ""),
        (0, 600, "0.00"),
        (98_999, 100_000, "98.99"),
        (98_9999, 1_000_000, "98.99"),
        (99, 100, "99.00"),
        (12_599, 12_600, "99.99"),
        (12_600, 12_600, "100.00"),
    ],
)
def test_a_percent_is_never_rounded_up(available: int, expected: int, told: str) -> None:
    assert percent(available, expected) == told


@pytest.mark.spec("SD 3.2")
@pytest.mark.parametrize(("lost", "is_met", "told"), [(0, True, "100.00"), (6, True, "99.00"), (7, False, "98.83")])
def test_the_target_is_99_percent_of_the_month(lost: int, is_met: bool, told: str) -> None:
    hours = hours_of(WorkingCalendar(), YEAR[10:11], LONG_AGO, datetime(2026, 11, 2, 18, tzinfo=UTC))
    (day,) = hours
    away = [Span(day.since + 60 * MINUTE, day.since + (60 + lost) * MINUTE)] if lost else []
    (found,) = by_month(YEAR, hours, away, date(2026, 11, 2))
    assert (found.expected, found.available, found.percent, found.is_met) == (600, 600 - lost, told, is_met)
    assert not found.is_over


def test_outages_belong_to_their_own_month_and_day() -> None:
    hours = hours_of(WorkingCalendar(), YEAR[8:10], LONG_AGO, LATER)
    of = {one.day: one for one in hours}
    last, first = of[date(2026, 9, 30)], of[date(2026, 10, 1)]
    away = [Span(last.until - 3 * MINUTE, last.until), Span(first.since, first.since + 5 * MINUTE)]
    september, october = by_month(YEAR, hours, away, date(2026, 12, 1))
    assert (september.month.key, september.outages, october.outages) == ("2026-09", away[:1], away[1:])
    assert september.days[-1].available == 597
    assert october.days[0].outages == away[1:]
    assert october.longest == away[1]
    assert september.is_over
