"""Reads the extra days; they concern everybody, so nobody is asked who reads them."""

from sdes.kit import db
from sdes.workingdays.calendar import WorkingCalendar


async def calendar() -> WorkingCalendar:
    """The working calendar with its extra days (one query of a small table); use one a request."""
    rows = await db.fetch("SELECT date, is_holiday FROM extra_day")
    return WorkingCalendar({row["date"]: row["is_holiday"] for row in rows})
