"""How long communications stay: date arithmetic alone (SD 14.1, 14.4). Days are calendar days in London: between two
moments of the same hour there, whatever the clocks did meanwhile."""

from datetime import datetime, timedelta

from sdes.kit import clock

ACTIVE = timedelta(days=30)
ARCHIVED = timedelta(days=30)


def archives_at(last_message_at: datetime) -> datetime:
    """When a communication is archived if no further message comes; in London's time."""
    return clock.local(last_message_at) + ACTIVE


def deletes_at(archived_at: datetime) -> datetime:
    """When an archived communication is irrecoverably deleted; in London's time."""
    return clock.local(archived_at) + ARCHIVED


def last_message_to_archive(now: datetime) -> datetime:
    """What had its last message then or before is to be archived now; the reverse of `archives_at`."""
    return clock.local(now) - ACTIVE


def archived_to_delete(now: datetime) -> datetime:
    """What was archived then or before is to be deleted now; the reverse of `deletes_at`."""
    return clock.local(now) - ARCHIVED
