"""When communications are archived and deleted: calendar days in London, whatever the clocks did (SD 14.1, 14.4)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdes.kit import clock
from sdes.sdep.retention import archived_to_delete, archives_at, deletes_at, last_message_to_archive

CHANGES = [datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)]
moments = st.datetimes(datetime(2026, 9, 1), datetime(2027, 6, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("last", "archived"),
    [
        ("2026-11-02T15:00+00:00", "2026-12-02T15:00+00:00"),
        ("2026-10-10T15:00+01:00", "2026-11-09T15:00+00:00"),  # 721 hours
        ("2027-03-10T00:20+00:00", "2027-04-09T00:20+01:00"),  # 719 hours
        ("2028-02-01T09:00+00:00", "2028-03-02T09:00+00:00"),  # a leap year
    ],
)
@pytest.mark.spec("SD 14.1")
@pytest.mark.spec("SD 14.4")
def test_thirty_days_are_days_of_the_calendar(last: str, archived: str) -> None:
    assert archives_at(datetime.fromisoformat(last)) == datetime.fromisoformat(archived)
    assert deletes_at(datetime.fromisoformat(last)) == datetime.fromisoformat(archived)
    assert last_message_to_archive(datetime.fromisoformat(archived)) == datetime.fromisoformat(last)
    assert archived_to_delete(datetime.fromisoformat(archived)) == datetime.fromisoformat(last)


@given(moments, moments)
def test_the_day_that_is_shown_is_the_day_of_the_job(last: datetime, now: datetime) -> None:
    """But in the hour around a change of the clocks, of which an hour of the day comes twice or not at all."""
    if any(
        abs(moment - change) < timedelta(hours=2) for change in CHANGES for moment in (now, _utc(archives_at(last)))
    ):
        return
    if any(abs(moment - change) < timedelta(hours=2) for change in CHANGES for moment in (last,)):
        return
    assert (_utc(archives_at(last)) <= now) == (last <= _utc(last_message_to_archive(now)))
    assert (_utc(deletes_at(last)) <= now) == (last <= _utc(archived_to_delete(now)))


def test_answers_are_in_london_time() -> None:
    assert archives_at(datetime(2027, 7, 1, 12, tzinfo=UTC)).tzinfo == clock.LONDON


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
