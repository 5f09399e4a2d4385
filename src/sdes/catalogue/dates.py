"""Dates as people in Britain type them, day first, and as they are shown back."""

import re
from datetime import date

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
EXAMPLE = "for example 3 11 2026 or 3 November 2026"
YEARS = range(1900, 2101)

_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_NUMBERS = re.compile(r"(?P<day>\d{1,2})[ ./-]+(?P<month>\d{1,2})[ ./-]+(?P<year>\d{4})")
_WORDS = re.compile(r"(?P<day>\d{1,2})(st|nd|rd|th)?[ ./-]*(?P<month>[a-z]{3,9})[ .,/-]*(?P<year>\d{4})")


def read_date(text: str) -> tuple[date | None, str | None]:
    """The date that was typed, or the sentence that says what is wrong with it.

    Takes 3/11/2026, 03-11-2026, 3.11.2026, 3 11 2026, 3 Nov 2026, 3rd November 2026 and 2026-11-03.
    """
    typed = " ".join(text.split()).casefold()
    match = _ISO.fullmatch(typed) or _NUMBERS.fullmatch(typed) or _WORDS.fullmatch(typed)
    if match is None or not typed.isascii():
        return None, f"Enter a date with day, month and year, {EXAMPLE}."
    month = _month(match["month"])
    if month is None:
        return None, f"“{match['month']}” is not a month. Enter the day first, {EXAMPLE}."
    day, year = int(match["day"]), int(match["year"])
    if year not in YEARS:
        return None, f"Check the year: {year} is not between {YEARS[0]} and {YEARS[-1]}."
    try:
        return date(year, month, day), None
    except ValueError:
        return None, f"{MONTHS[month - 1]} {year} has no day {day}. Check the date."


def show_date(day: date) -> str:
    """A date as it is shown: "3 November 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _month(text: str) -> int | None:
    if text.isdigit():
        return int(text) if 1 <= int(text) <= 12 else None
    for number, name in enumerate(MONTHS, start=1):
        if name.casefold().startswith(text) or (number == 9 and text == "sept"):
            return number
    return None
