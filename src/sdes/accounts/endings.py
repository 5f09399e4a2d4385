"""What people are told before their session ends, whatever they do (SD 8.1)."""

from datetime import timedelta

from sdes.accounts.sessions import Visit
from sdes.kit import clock
from sdes.settings import Settings

TOLD_BEFORE = timedelta(minutes=15)


def ending_banner(visit: Visit, settings: Settings) -> list[dict[str, str]]:
    """A banner in the last quarter of an hour before the absolute time-out; before it, nothing."""
    if visit.ends_at is None or visit.ends_at - clock.now() > TOLD_BEFORE:
        return []
    hours = settings.session_absolute.total_seconds() / 3600
    text = (
        f"You will be signed out at {clock.local(visit.ends_at):%H:%M}, {hours:g} hours after you signed in."
        " What you type is kept as a draft. To go on without a break, sign out and in again now."
    )
    return [{"kind": "warn", "icon": "timer", "text": text}]
