"""The working calendar as the database has it."""

from datetime import date, datetime

import pytest

from sdes.catalogue.tables import ResponseUnit
from sdes.catalogue.views import LevelView
from sdes.kit.clock import LONDON
from sdes.sdep.actions.levels import response_due
from sdes.workingdays.queries import calendar
from sdes.workingdays.tables import ExtraDay
from tests.support.people import Browser

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_extra_days_reach_the_calendar() -> None:
    coronation = date(2031, 5, 12)
    await ExtraDay.insert(ExtraDay(date=coronation, name="A coronation", is_holiday=True))
    assert not (await calendar()).is_working_day(coronation)
    assert (await calendar()).is_working_day(date(2031, 5, 13))


async def test_a_day_that_is_proclaimed_here_is_in_the_next_calendar_of_a_page(carys: Browser) -> None:
    feast, here = date(2031, 5, 12), "/process-types/working-calendar"
    assert (await calendar()).is_working_day(feast)
    assert (await carys.post(here, {"date": "12 5 2031", "name": "A feast", "kind": "holiday"})).status_code == 303
    assert not (await calendar()).is_working_day(feast)
    assert (await carys.post(f"{here}/removal", {"day": "2031-05-12"})).status_code == 303
    assert (await calendar()).is_working_day(feast)


async def test_what_another_process_changes_binds_whoever_writes_at_once(carys: Browser) -> None:
    feast, actor = date(2031, 5, 12), await carys.actor()
    assert (await calendar()).is_working_day(feast)
    await ExtraDay.insert(ExtraDay(date=feast, name="A feast", is_holiday=True))
    assert (await calendar()).is_working_day(feast), "a page may be seconds behind"
    one_day, friday = LevelView(1, "First", 1, ResponseUnit.WORKING_DAYS), datetime(2031, 5, 9, 12, tzinfo=LONDON)
    assert await response_due(actor, one_day, friday) == datetime(2031, 5, 13, 18, tzinfo=LONDON)
