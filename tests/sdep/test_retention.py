"""When communications are archived and deleted: calendar days in London, whatever the clocks did (SD 14.1, 14.4)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sdes.kit import clock
from sdes.sdep.retention import archives_at, archives_on, deletes_at, deletes_before, deletes_on

moments = st.datetimes(datetime(2026, 9, 1), datetime(2027, 6, 1), timezones=st.just(UTC))
days = st.dates(date(2026, 9, 1), date(2027, 6, 1))
AUTUMN, SPRING = datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "day"),
    [
        ("2026-11-02T15:00+00:00", "2026-12-02"),
        ("2026-11-02T00:00+00:00", "2026-12-02"),
        ("2026-11-02T23:59+00:00", "2026-12-02"),
        ("2026-10-09T23:30+01:00", "2026-11-08"),  # 22:30 UTC; the clocks go back before it is over
        ("2026-10-10T00:30+01:00", "2026-11-09"),  # in UTC it is the day before
        ("2027-03-10T00:20+00:00", "2027-04-09"),  # the clocks go forward before it is over
        ("2028-02-01T09:00+00:00", "2028-03-02"),  # a leap year
    ],
)
@pytest.mark.spec("SD 14.1")
@pytest.mark.spec("SD 14.4")
def test_thirty_days_are_days_of_the_calendar(last: str, day: str) -> None:
    moment = datetime.fromisoformat(last)
    assert archives_at(moment) == datetime.combine(date.fromisoformat(day), time(23, 30), clock.LONDON)
    assert deletes_at(moment) == datetime.combine(date.fromisoformat(day), time(23, 45), clock.LONDON)


@given(moments, days)
@example(AUTUMN, date(2026, 11, 24))
@example(SPRING, date(2027, 4, 27))
def test_the_day_that_is_shown_is_the_day_of_the_job(moment: datetime, day: date) -> None:
    assert (archives_at(moment).date() <= day) == (moment < archives_on(day))
    assert (deletes_at(moment).date() <= day) == (moment < deletes_on(day))


@given(moments, moments)
@example(AUTUMN, AUTUMN + timedelta(days=30))
@example(SPRING, SPRING + timedelta(days=30))
def test_what_is_deleted_before_a_moment(archived: datetime, moment: datetime) -> None:
    assert (_utc(deletes_at(archived)) < moment) == (archived < _utc(deletes_before(moment)))


def test_answers_are_in_london_time() -> None:
    assert archives_at(datetime(2027, 7, 1, 12, tzinfo=UTC)).tzinfo == clock.LONDON


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
