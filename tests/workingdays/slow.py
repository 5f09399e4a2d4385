"""The working calendar once more, written another way: minute by minute, from a list of bank holidays typed by hand."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)

Extra = Mapping[date, bool]  # True a holiday, False a Working Day after all
NONE: Extra = {}

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


def is_working_day(day: date, extra: Extra = NONE) -> bool:
    """Whether it is a weekday that is not in the list, unless the day was proclaimed to be something."""
    return not extra[day] if day in extra else day.isoweekday() <= 5 and day not in BANK_HOLIDAYS


def is_operational(minute: datetime, extra: Extra = NONE) -> bool:
    """Whether the minute that begins at `minute` lies in operational hours."""
    wall = minute.astimezone(LONDON)
    return 8 <= wall.hour < 18 and is_working_day(wall.date(), extra)


def operational_due(sent_at: datetime, hours: int, extra: Extra = NONE) -> datetime:
    """Walks on until so many operational minutes have passed."""
    moment, left = sent_at.astimezone(UTC), hours * 60
    while left:
        left -= is_operational(moment, extra)
        moment += MINUTE
    return moment


def operational_minutes(start: datetime, end: datetime, extra: Extra = NONE) -> int:
    """Counts the operational minutes from `start` to `end`."""
    return sum(is_operational(start + MINUTE * step, extra) for step in range(int((end - start) / MINUTE)))


def working_day_due(sent_at: datetime, days: int, extra: Extra = NONE) -> datetime:
    """Counts the closing bells of Working Days at or after the message: the first belongs to day 0."""
    moment, bells = sent_at.astimezone(UTC), 0
    while True:
        wall = moment.astimezone(LONDON)
        if (wall.hour, wall.minute) == (18, 0) and is_working_day(wall.date(), extra):
            bells += 1
            if bells == days + 1:
                return moment
        moment += MINUTE


def words_of_time_left(due: datetime, now: datetime, unit: str, extra: Extra = NONE) -> str:
    """The time left until `due`, both whole minutes, told from counted minutes and counted days."""
    day, today = due.astimezone(LONDON).date(), now.astimezone(LONDON).date()
    if now > due:
        days = len([one for one in days_between(day, today) if is_working_day(one, extra)])
        late = operational_minutes(due, now, extra)
        if days >= 2:
            return f"overdue by {days} working days"
        if not late:
            return "overdue"
        return "overdue by 1 working day" if unit == "WD" else f"overdue by {_in_words(late)}"
    if unit == "OH":
        return f"{_in_words(operational_minutes(now, due, extra))} left"
    if today == day:
        wall = due.astimezone(LONDON)
        return f"due today by {wall.hour:02}:{wall.minute:02}"
    days = len([one for one in days_between(today, day) if is_working_day(one, extra)])
    return "1 working day left" if days < 2 else f"{days} working days left"


def days_between(start: date, end: date) -> list[date]:
    """The days after `start` up to and with `end`."""
    days = [start]
    while days[-1] < end:
        days.append(days[-1] + timedelta(days=1))
    return days[1:]


def _in_words(minutes: int) -> str:
    """Operational time; the minutes are told below three hours. Until it is over, the last one is left."""
    if minutes < 60:
        return "1 operational minute" if minutes < 2 else f"{minutes} operational minutes"
    hours = 0
    while minutes >= 60:
        hours, minutes = hours + 1, minutes - 60
    told = "1 operational hour" if hours == 1 else f"{hours} operational hours"
    if minutes == 0 or hours > 2:
        return told
    return f"{told} 1 minute" if minutes == 1 else f"{told} {minutes} minutes"
