"""The Code Manager's reports of a month: made as workbooks, kept, and told of by e-mail (SD 3.2, 12.2)."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable

from sdes import mail
from sdes.accounts.sessions import act_for
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.kit.spreadsheets import Rows, workbook
from sdes.sdep.queries.reports import monthly
from sdes.sdep.queries.reports.portal import Volume, volumes
from sdes.sdep.reports.months import AVAILABILITY, KEPT_MONTHS, USERS, VOLUMES, Month, owed

MOST_MADE_UP = 12  # months

Sheets = list[tuple[str, monthly.Lines]]
OtherReport = Callable[[Month], Awaitable[tuple[Sheets, int]]]  # and how many lines it has

_KEEP = """
INSERT INTO monthly_report (month, kind, row_count, content, made_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (month, kind) DO NOTHING RETURNING id
"""
_FORGET = "DELETE FROM monthly_report WHERE month < $1"


async def make_monthly_reports(actor: Actor, availability: OtherReport) -> int:
    """Makes the reports of the month before, and of months that were missed since the first; gives how many months.
    Those of more than `KEPT_MONTHS` months ago are removed. `availability` tells how far there was a service in a month
    (SD 3.2).

    Of people there is only the present: the report of a missed month tells of the day on which it was made, and says
    so. May run again without harm: a report that was made stays as it is, and no mail is written twice.
    """
    last = Month.present().plus(-1)
    months = owed(await monthly.made_months(actor), last, MOST_MADE_UP)
    for month in months:
        async with db.transaction():
            await _make(actor, month, *await availability(month))
    await db.fetch(_FORGET, last.plus(1 - KEPT_MONTHS).first)
    return len(months)


async def _make(actor: Actor, month: Month, availability: Sheets, days: int) -> None:
    receivers = await monthly.code_managers(actor)
    if not receivers:
        return
    await act_for(int(str(receivers[0]["company_id"])))
    companies, people = await monthly.companies(actor), await monthly.people(actor)
    told: monthly.Lines = [(f"As at {clock.today():%-d %B %Y}",), (f"Report of {month.title}",)]
    await _keep(
        month, USERS, [("SDES Users", companies), ("Authorised Persons", people), ("About", told)], len(people) - 1
    )
    counted = [one for one in await volumes(actor, month) if one.messages]
    sheets = [("By process", _by_process(counted)), ("By SDES User", _by_company(counted))]
    await _keep(month, VOLUMES, sheets, len(counted))
    await _keep(month, AVAILABILITY, availability, days)
    for receiver in receivers:
        if receiver["person_id"]:
            await mail.post(
                "monthly_reports_ready",
                to_address=str(receiver["email"]),
                to_name=str(receiver["name"]),
                company_id=int(str(receiver["company_id"])),
                person_id=int(str(receiver["person_id"])),
                once_key=f"monthly-reports:{month.key}:{receiver['person_id']}",
                month=month.title,
            )


async def _keep(month: Month, kind: str, sheets: Sheets, lines: int) -> None:
    """Keeps a report of so many lines."""
    given: list[tuple[str, Rows]] = list(sheets)
    content = await asyncio.to_thread(workbook, given)
    await db.fetch(_KEEP, month.first, kind, lines, content, clock.now())


def _by_process(counted: list[Volume]) -> monthly.Lines:
    sums: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in counted:
        line = sums[one.process, one.contact_type, one.fuel]
        line[0] += one.messages
        line[1] += one.opened
        line[2] += 1
    heading = ("Process", "Contact type", "Fuel", "Messages sent", "Communications begun", "SDES Users sending")
    total = [sum(line[place] for line in sums.values()) for place in range(2)]
    senders = len({one.company for one in counted})
    return [heading, *((*key, *line) for key, line in sorted(sums.items())), ("All", "", "", *total, senders)]


def _by_company(counted: list[Volume]) -> monthly.Lines:
    heading = ("SDES User", "Process", "Contact type", "Fuel", "Messages sent", "Communications begun")
    lines = ((one.company, one.process, one.contact_type, one.fuel, one.messages, one.opened) for one in counted)
    return [heading, *lines]
