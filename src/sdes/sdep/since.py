"""From when on somebody wants to know what has changed: a time or a day, as programs and people write it. Pure."""

import re
from datetime import datetime, time, timedelta

from sdes.catalogue.dates import EXAMPLE, YEARS, read_date, show_date
from sdes.kit import clock

USUAL = timedelta(days=2)  # an export asks again for so long, unless told otherwise
_NEITHER = f"Enter a date, {EXAMPLE}, or a time with its offset, such as 2026-11-03T10:00:00Z."
_A_TIME = re.compile(r"\d{4}-?\d{2}-?\d{2}t", re.IGNORECASE)


def read_since(text: str) -> tuple[datetime | None, str | None]:
    """The moment that was written, or the sentence that says what is wrong with it; neither for nothing.

    Takes a time with its offset, as RFC 3339 has it (2026-11-03T10:00:00Z), and a day, which begins at midnight in
    London.
    """
    typed = text.strip()
    if not typed:
        return None, None
    if _A_TIME.match(typed):
        return _moment(typed)
    day, error = read_date(typed)
    if day is None:
        return None, _NEITHER if error is None or error.startswith("Enter a date") else error
    return datetime.combine(day, time(), clock.LONDON), None


def moment_text(at: datetime) -> str:
    """A moment as it is shown: "3 November 2026, 10:00", in London."""
    local = clock.local(at)
    return f"{show_date(local.date())}, {local:%H:%M}"


def _moment(typed: str) -> tuple[datetime | None, str | None]:
    try:
        at = datetime.fromisoformat(typed.upper().replace(" ", "+"))  # an address may hold a plus as a space
    except ValueError:
        return None, f"“{typed[:40]}” is no time. Enter one such as 2026-11-03T10:00:00Z."
    if at.tzinfo is None:
        return None, "Say the time's offset, such as 2026-11-03T10:00:00Z or 2026-11-03T10:00:00+01:00."
    if at.year not in YEARS:
        return None, f"Check the year: {at.year} is not between {YEARS[0]} and {YEARS[-1]}."
    return at, None
