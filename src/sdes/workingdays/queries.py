"""Reads the extra days; they concern everybody, so nobody is asked who reads them."""

from sdes.workingdays.calendar import WorkingCalendar
from sdes.workingdays.tables import ExtraDay


async def calendar() -> WorkingCalendar:
    """The working calendar with its extra days (one query of a small table); use one a request."""
    rows = await ExtraDay.select(ExtraDay.date, ExtraDay.is_holiday)
    return WorkingCalendar({row["date"]: row["is_holiday"] for row in rows})
