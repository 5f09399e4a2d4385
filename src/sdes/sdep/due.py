"""Response times in words: when the answer is due, for a list's cell and for the clock beside the thread."""

from datetime import datetime, timedelta

from sdes.kit import clock
from sdes.sdep.views import Due
from sdes.workingdays.calendar import WINDOW, WorkingCalendar
from sdes.workingdays.words import time_left_text

WEEK = timedelta(days=6)  # so far ahead, the name of a day alone says which


def due_view(
    calendar: WorkingCalendar, due_at: datetime | None, unit: str, other_company: str, *, is_ours: bool
) -> Due | None:
    """What a party is told of a response that is due at `due_at` (UTC), counted in `unit` ("WD" or "OH").

    It is due from the reader's company (`is_ours`) or from `other_company`. Soon is today; and of what is counted in
    hours, what is less than a day of them away.
    """
    if due_at is None:
        return None
    now, at = clock.now(), clock.local(due_at)
    is_today = at.date() == clock.local(now).date()
    when = f"today, {at:%H:%M}" if is_today else until_text(due_at)
    if due_at < now:
        late = time_left_text(calendar, due_at, now, unit)
        title = _capital(late)
        whose = "Your" if is_ours else _possessive(other_company)
        return Due(at, _in_list(late, is_ours=is_ours), "late", title, f"{whose} response was due {when}")
    left = time_left_text(calendar, due_at, now, "OH" if is_today else unit)  # the title has said that it is today
    text = f"{left}, due {_short(at, now, with_time=unit == 'OH')}"
    is_soon = is_today or (unit == "OH" and calendar.operational_time_between(now, due_at) < WINDOW)
    return Due(
        at,
        _in_list(text, is_ours=is_ours),
        "soon" if is_soon else "ok",
        f"Response due {when}",
        f"{left}, from {'your company' if is_ours else other_company}",
    )


def still_due(due_at: datetime | None, company: str) -> str:
    """In a sentence that `company` is to respond, and until when; empty where no response is due."""
    if due_at is None:
        return ""
    at = clock.local(due_at)
    return f"{company} {'had' if due_at < clock.now() else 'has'} until {at.day} {at:%b %Y}, {at:%H:%M} to respond."


def _in_list(text: str, *, is_ours: bool) -> str:
    short = text.replace("operational", "op.")  # a list's cell has room for two lines of it
    return _capital(short) if is_ours else f"Theirs: {short}"


def until_text(moment: datetime) -> str:
    """Day and time in London, e.g. "Tue 24 Nov, 18:00"."""
    at = clock.local(moment)
    return f"{at:%a} {at.day} {at:%b}, {at:%H:%M}"


def _short(at: datetime, now: datetime, *, with_time: bool) -> str:
    if at.date() == clock.local(now).date():
        return f"today {at:%H:%M}"
    date = f"{at:%a}" if at - now < WEEK else f"{at:%a} {at.day} {at:%b}"
    return f"{date} {at:%H:%M}" if with_time else date


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"
