"""The Code Manager keeps the extra days of the working calendar; each act is in the audit log."""

from datetime import date

from sdes import auditlog
from sdes.actor import Actor
from sdes.catalogue.dates import show_date
from sdes.workingdays import actions as working_calendar


async def add_day(actor: Actor, day: date, name: str, *, is_holiday: bool) -> None:
    """Proclaims a day; refuses what `workingdays.actions.add_day` refuses."""
    await working_calendar.add_day(actor, day, name, is_holiday=is_holiday)
    what = "a holiday" if is_holiday else "a Working Day"
    await _record(actor, "added", f"{show_date(day)} is {what}: {name}")


async def remove_day(actor: Actor, day: date) -> None:
    """Takes a proclaimed day back; refuses what `workingdays.actions.remove_day` refuses."""
    name = await working_calendar.remove_day(actor, day)
    await _record(actor, "removed", f"{show_date(day)} is an ordinary day again, no longer {name}")


async def _record(actor: Actor, done: str, detail: str) -> None:
    await auditlog.record(
        actor,
        f"administration.calendar-day.{done}",
        subject="working calendar",
        detail=detail,
        about_company=actor.company_id,
    )
