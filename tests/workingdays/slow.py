"""The working calendar once more, written another way: minute by minute, from a list of bank holidays typed by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)

# Bank holidays of England and Wales on weekdays.
LISTED = {
    2025: "1 Jan, 18 Apr, 21 Apr, 5 May, 26 May, 25 Aug, 25 Dec, 26 Dec",
    2026: "1 Jan, 3 Apr, 6 Apr, 4 May, 25 May, 31 Aug, 25 Dec, 28 Dec",
    2027: "1 Jan, 26 Mar, 29 Mar, 3 May, 31 May, 30 Aug, 27 Dec, 28 Dec",
    2028: "3 Jan, 14 Apr, 17 Apr, 1 May, 29 May, 28 Aug, 25 Dec, 26 Dec",
}
BANK_HOLIDAYS = frozenset(
    datetime.strptime(f"{day} {year}", "%d %b %Y").date() for year, days in LISTED.items() for day in days.split(", ")
)


def is_working_day(day: date) -> bool:
    """Whether it is a weekday that is not in the list."""
    return day.isoweekday() <= 5 and day not in BANK_HOLIDAYS


def is_operational(minute: datetime) -> bool:
    """Whether the minute that begins at `minute` lies in operational hours."""
    wall = minute.astimezone(LONDON)
    return is_working_day(wall.date()) and 8 <= wall.hour < 18


def operational_due(sent_at: datetime, hours: int) -> datetime:
    """Walks on until so many operational minutes have passed."""
    moment, left = sent_at.astimezone(UTC), hours * 60
    while left:
        left -= is_operational(moment)
        moment += MINUTE
    return moment


def operational_minutes(start: datetime, end: datetime) -> int:
    """Counts the operational minutes from `start` to `end`."""
    return sum(is_operational(start + MINUTE * step) for step in range(int((end - start) / MINUTE)))


def working_day_due(sent_at: datetime, days: int) -> datetime:
    """Counts the closing bells of Working Days at or after the message: the first belongs to day 0."""
    moment, bells = sent_at.astimezone(UTC), 0
    while True:
        wall = moment.astimezone(LONDON)
        if (wall.hour, wall.minute) == (18, 0) and is_working_day(wall.date()):
            bells += 1
            if bells == days + 1:
                return moment
        moment += MINUTE
