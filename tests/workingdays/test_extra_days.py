"""The working calendar as the database has it."""

from datetime import date

import pytest

from sdes.workingdays.queries import calendar
from sdes.workingdays.tables import ExtraDay

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_extra_days_reach_the_calendar() -> None:
    coronation = date(2031, 5, 12)
    await ExtraDay.insert(ExtraDay(date=coronation, name="A coronation", is_holiday=True))
    assert not (await calendar()).is_working_day(coronation)
    assert (await calendar()).is_working_day(date(2031, 5, 13))
