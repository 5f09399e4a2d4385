"""Writes of the working calendar: single days that are proclaimed at short notice."""

from datetime import date

from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.kit.errors import NotFound, Refused
from sdes.workingdays.queries import KEPT_CALENDAR, exact_calendar


async def add_day(actor: Actor, day: date, name: str, *, is_holiday: bool) -> None:
    """Proclaims a day a holiday, or a holiday or weekend day a Working Day. Clocks that run keep their time.

    Refuses a day that is over, one that is proclaimed already, and one that is what it is to be.
    """
    await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended('extra days', 0))")
    if day < clock.today():
        raise Refused("That day is over. A day is proclaimed on the day itself at the latest.")
    if await db.fetch("SELECT 1 FROM extra_day WHERE date = $1", day):
        raise Refused("That day is in the list already. Remove it first.")
    if (await exact_calendar()).is_working_day(day) is not is_holiday:
        raise Refused("That day is no Working Day already." if is_holiday else "That day is a Working Day already.")
    await db.fetch("INSERT INTO extra_day (date, name, is_holiday) VALUES ($1, $2, $3)", day, name, is_holiday)
    KEPT_CALENDAR.changes()


async def remove_day(actor: Actor, day: date) -> str:
    """Takes a proclaimed day back; gives what it was called. Refuses one that is over; NotFound where there is none."""
    if day < clock.today():
        raise Refused("That day is over, and stays as it was.")
    removed = await db.fetch("DELETE FROM extra_day WHERE date = $1 RETURNING name", day)
    if not removed:
        raise NotFound("That day is not in the list.")
    KEPT_CALENDAR.changes()
    return str(removed[0]["name"])
