"""When a mail goes out: by the setting, over both clock changes, for quick processes at once (SD 11.1(f), note 4)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sdes.kit import clock, db
from tests.notifications.conftest import NILS, london, mailed, told, wants

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quiet")]

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("frequency", "came", "due"),
    [
        ("immediately", ("2026-11-23", "09:20"), ("2026-11-23", "09:20")),
        ("hourly", ("2026-11-23", "09:20"), ("2026-11-23", "10:00")),
        ("hourly", ("2026-11-23", "10:00"), ("2026-11-23", "11:00")),
        ("daily", ("2026-11-23", "07:59"), ("2026-11-23", "08:00")),
        ("daily", ("2026-11-23", "08:00"), ("2026-11-24", "08:00")),
        ("daily", ("2026-11-23", "09:20"), ("2026-11-24", "08:00")),
        ("daily", ("2026-03-28", "09:20"), ("2026-03-29", "08:00")),  # the night that is an hour shorter
        ("daily", ("2026-10-24", "09:20"), ("2026-10-25", "08:00")),  # the night that is an hour longer
        ("daily", ("2026-10-25", "07:30"), ("2026-10-25", "08:00")),
        ("hourly", ("2026-03-29", "00:20"), ("2026-03-29", "02:00")),  # there is no 01:00 that night
        ("hourly", ("2026-10-25", "01:20"), ("2026-10-25", "01:00+00:00")),  # and two of them that night
    ],
)
@pytest.mark.spec("SD 11.1(f)")
async def test_a_mail_goes_out_when_it_is_due_and_not_before(
    frequency: str, came: tuple[str, str], due: tuple[str, str]
) -> None:
    await wants(NILS, frequency)
    at = london(*due) if "+" not in due[1] else datetime.fromisoformat(f"{due[0]}T{due[1]}")
    await told(NILS, london(*came))
    if frequency != "immediately":
        assert await mailed(at.astimezone(UTC) - MINUTE) == []
    assert len(await mailed(at)) == 1
    assert await mailed(at + timedelta(days=3)) == [], "it was mailed twice"


@given(
    came=st.datetimes(datetime(2026, 3, 27), datetime(2026, 3, 31))
    | st.datetimes(datetime(2026, 10, 23), datetime(2026, 10, 27)),
    frequency=st.sampled_from(["hourly", "daily"]),
)
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_moment_is_that_of_a_slow_calculation(came: datetime, frequency: str) -> None:
    """Walking minute by minute through the days of both clock changes."""
    await db.fetch("DELETE FROM notification")
    await wants(NILS, frequency)
    came = came.replace(tzinfo=UTC)
    await told(NILS, came)
    due = _walked(came, frequency)
    assert await mailed(due - MINUTE) == []
    assert len(await mailed(due)) == 1


@pytest.mark.spec("SD 11.1(f)")
async def test_never_is_never() -> None:
    await told(NILS, london("2026-11-23", "09:20"))
    await wants(NILS, "never")
    assert await mailed(london("2026-11-30", "09:20")) == []


@pytest.mark.parametrize("frequency", ["never", "hourly", "daily"])
@pytest.mark.spec("SD 11.1(f)n4")
async def test_a_quick_process_is_mailed_at_once_whatever_was_chosen(frequency: str) -> None:
    await wants(NILS, frequency)
    await told(NILS, london("2026-11-23", "09:20"), is_quick=True)
    assert len(await mailed(london("2026-11-23", "09:21"))) == 1


@pytest.mark.spec("SD 11.1(f)")
async def test_a_week_of_each() -> None:
    """A message every three hours, all week, and the job every quarter of an hour: never 0, immediately 56, hourly 56
    (three hours apart, each has an hour of its own), daily 7 and one more on the morning after."""
    counts = {}
    first = london("2026-10-19", "00:30")
    for frequency in ("never", "immediately", "hourly", "daily"):
        await wants(NILS, frequency)
        counts[frequency] = 0
        for quarter in range(8 * 24 * 4):
            at = first.astimezone(UTC) + timedelta(minutes=15 * quarter)
            if quarter % 12 == 0 and quarter < 7 * 24 * 4:
                await told(NILS, at, wants_mail=frequency != "never")
            if quarter % 12 in (0, 2, 3) or clock.local(at).minute == 0:
                counts[frequency] += len(await mailed(at))
    assert counts == {"never": 0, "immediately": 56, "hourly": 56, "daily": 8}


@pytest.mark.spec("SD 11.1(f)")
async def test_the_present_setting_decides_about_what_is_not_mailed_yet() -> None:
    at = london("2026-11-23", "09:20")
    await wants(NILS, "daily")
    await told(NILS, at)
    assert await mailed(at + MINUTE) == []
    await wants(NILS, "immediately")
    assert len(await mailed(at + 2 * MINUTE)) == 1
    await wants(NILS, "daily")
    await told(NILS, at)
    await wants(NILS, "never")
    assert await mailed(at + 3 * MINUTE) == []
    await wants(NILS, "immediately")
    assert await mailed(at + timedelta(days=2)) == [], "what came while no mail was wanted is mailed later on"


async def test_the_clock_that_goes_back_mails_nothing_twice() -> None:
    at = london("2026-11-23", "09:20")
    await wants(NILS, "hourly")
    await told(NILS, at)
    assert len(await mailed(at + timedelta(hours=1))) == 1
    assert await mailed(at - timedelta(hours=3)) == []
    assert await mailed(at + timedelta(hours=4)) == []


def _walked(came: datetime, frequency: str) -> datetime:
    at = came.replace(second=0, microsecond=0)
    while True:
        at += MINUTE
        local = clock.local(at)
        if at > came and local.minute == 0 and (frequency == "hourly" or local.hour == 8):
            return at
