"""Response times in words: when the answer is due, for a list's cell and for the clock beside the thread."""

from datetime import datetime

from sdes.kit import clock
from sdes.sdep.views import Due
from sdes.workingdays.calendar import WorkingCalendar
from sdes.workingdays.words import time_left_text


def due_view(calendar: WorkingCalendar, due_at: datetime | None, unit: str, *, is_ours: bool) -> Due | None:
    """What both sides are told of a response that is due at `due_at` (UTC), counted in `unit` ("WD" or "OH")."""
    if due_at is None:
        return None
    now, at = clock.now(), clock.local(due_at)
    today = clock.local(now).date()
    left = time_left_text(calendar, due_at, now, unit)
    state = "late" if due_at < now else "soon" if at.date() == today else "ok"
    when = f"today {at:%H:%M}" if at.date() == today else f"{at:%a} {at.day} {at:%b}"
    text = left[0].upper() + left[1:] if state == "late" else f"Due {when}"
    if not is_ours:
        text = f"Theirs: {text[0].lower()}{text[1:]}"
    return Due(at, text, state, left)
