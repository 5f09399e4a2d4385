"""The availability of a month as it goes into files: CSV for one table, a workbook for all of it (SD 3.2)."""

from collections.abc import Sequence

from sdes.kit import clock
from sdes.sdep.reports.months import Month
from sdes.status import queries
from sdes.status.availability import TARGET, Availability, Span, percent

Lines = list[tuple[object, ...]]
BY_DAY = "By day"

ABOUT = (
    "Counted are the minutes of operational hours, 08:00 to 18:00 on Working Days, from the first day of the service.",
    "A minute counts as available in which a web process was ready to serve and wrote to the database.",
    "Nothing is taken off for scheduled maintenance. Percents are rounded down.",
)


async def availability_report(month: Month) -> tuple[list[tuple[str, Lines]], int]:
    """The sheets of a month's report, and how many days it tells of."""
    sheets = await availability_sheets(month)
    return list(sheets.items()), len(sheets[BY_DAY]) - 1


async def availability_sheets(month: Month) -> dict[str, Lines]:
    """A month's report, by the title of each sheet. Of a month in which nothing was expected it says so."""
    found = next(iter(await queries.availability([month])), None)
    told: Lines = [(f"Availability in {month.title}",), *((line,) for line in ABOUT)]
    if found is None:
        told.append(("Nothing was measured in this month.",))
    return {"Month": _month(month, found), BY_DAY: by_day(found), "Outages": _outages(found), "About": told}


def by_day(found: Availability | None) -> Lines:
    """Each Working Day of a month, with a heading."""
    lines: Lines = [("Day", "Operational minutes", "Minutes available", "Percent available", "Outages")]
    for one in found.days if found else ():
        spans = "; ".join(_hours(out) for out in one.outages)
        lines.append((one.day.isoformat(), one.expected, one.available, percent(one.available, one.expected), spans))
    return lines


def _month(month: Month, found: Availability | None) -> Lines:
    heading = (
        *("Month", "Operational minutes", "Minutes available", "Percent available", "Percent asked for"),
        *("Reached", "Outages", "Longest outage, minutes"),
    )
    if found is None:
        return [heading, (month.title, 0, 0, "", TARGET, "", 0, 0)]
    reached = "Yes" if found.is_met else "No"
    longest = found.longest.minutes if found.longest else 0
    numbers = (found.expected, found.available, found.percent, TARGET)
    return [heading, (month.title, *numbers, reached, len(found.outages), longest)]


def _outages(found: Availability | None) -> Lines:
    outages: Sequence[Span] = found.outages if found else ()
    return [("From", "To", "Minutes"), *((one.since, one.until, one.minutes) for one in outages)]


def _hours(one: Span) -> str:
    return f"{clock.local(one.since):%H:%M} to {clock.local(one.until):%H:%M}"
