"""Response times in words: when the answer is due, for a list's cell and for the clock beside the thread."""

from datetime import datetime

from sdes.kit import clock
from sdes.sdep.views import Due
from sdes.workingdays.calendar import WorkingCalendar
from sdes.workingdays.words import time_left_text


def due_view(
    calendar: WorkingCalendar, due_at: datetime | None, unit: str, other_company: str, *, is_ours: bool
) -> Due | None:
    """What a party is told of a response that is due at `due_at` (UTC), counted in `unit` ("WD" or "OH").

    It is due from the reader's company (`is_ours`) or from `other_company`.
    """
    if due_at is None:
        return None
    now, at = clock.now(), clock.local(due_at)
    is_today = at.date() == clock.local(now).date()
    date = "today" if is_today else f"{at:%a} {at.day} {at:%b}"
    when = f"{date}, {at:%H:%M}"
    if due_at < now:
        late = time_left_text(calendar, due_at, now, unit)
        title = late[0].upper() + late[1:]
        whose = "Your" if is_ours else _possessive(other_company)
        return Due(at, title if is_ours else "Theirs: overdue", "late", title, f"{whose} response was due {when}")
    text = f"due today {at:%H:%M}" if is_today else f"due {date}"
    left = time_left_text(calendar, due_at, now, "OH" if is_today else unit)  # the title has said that it is today
    return Due(
        at,
        f"D{text[1:]}" if is_ours else f"Theirs: {text}",
        "soon" if is_today else "ok",
        f"Response due {when}",
        f"{left}, from {'your company' if is_ours else other_company}",
    )


def _possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"
