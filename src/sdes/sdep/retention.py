"""How long communications stay: date arithmetic alone (SD 14.1, 14.4). Days are calendar days."""

from datetime import datetime, timedelta

ACTIVE = timedelta(days=30)
ARCHIVED = timedelta(days=30)


def archives_at(last_message_at: datetime) -> datetime:
    """When a communication is archived if no further message comes."""
    return last_message_at + ACTIVE


def deletes_at(archived_at: datetime) -> datetime:
    """When an archived communication is irrecoverably deleted."""
    return archived_at + ARCHIVED
