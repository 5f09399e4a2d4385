"""How long communications stay: date arithmetic alone (SD 14.1, 14.4). Calendar days in London count, whatever the hour
and whatever the clocks did meanwhile; the jobs of the night do it late on the day that the pages name."""

from datetime import date, datetime, time, timedelta

from sdes.kit import clock

ACTIVE = timedelta(days=30)
ARCHIVED = timedelta(days=30)
ARCHIVING, DELETING = time(23, 30), time(23, 45)  # in London: when the jobs begin
A_DAY = timedelta(days=1)


def archives_at(last_message_at: datetime) -> datetime:
    """When a communication is archived if no further message comes; in London's time."""
    return datetime.combine(_day(last_message_at) + ACTIVE, ARCHIVING, clock.LONDON)


def deletes_at(archived_at: datetime) -> datetime:
    """When an archived communication is irrecoverably deleted; in London's time."""
    return datetime.combine(_day(archived_at) + ARCHIVED, DELETING, clock.LONDON)


def archives_on(day: date) -> datetime:
    """What had its last message before then is to be archived on that day; the reverse of `archives_at`."""
    return _midnight(day - ACTIVE + A_DAY)


def deletes_on(day: date) -> datetime:
    """What was archived before then is to be deleted on that day; the reverse of `deletes_at`."""
    return _midnight(day - ARCHIVED + A_DAY)


def deletes_before(moment: datetime) -> datetime:
    """What was archived before then is deleted before that moment."""
    at = clock.local(moment)
    return deletes_on(at.date() if at.time() > DELETING else at.date() - A_DAY)


def _day(moment: datetime) -> date:
    return clock.local(moment).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.LONDON)
