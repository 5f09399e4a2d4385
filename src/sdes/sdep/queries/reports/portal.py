"""What the Code Manager is told of all companies: numbers of messages, and the monthly reports that were kept."""

from dataclasses import dataclass
from datetime import date, datetime

from sdes.actor import Actor
from sdes.catalogue.views import FUELS
from sdes.kit import clock, db
from sdes.kit.errors import NotFound
from sdes.permissions import Permission
from sdes.sdep.reports.months import TITLES, Month

_VOLUMES = """
SELECT coalesce(v.company_id, o.company_id) AS company_id, coalesce(v.process_id, o.process_id) AS process_id,
       x.name AS company, t.title AS process, t.contact_type, t.fuel, coalesce(v.opened, 0) AS opened,
       coalesce(v.messages, 0) AS messages, coalesce(v.due, 0) AS due, coalesce(v.in_time, 0) AS in_time,
       coalesce(o.overdue, 0) AS overdue
  FROM sdep_portal_volumes($1, $2, $3) v
  FULL JOIN sdep_portal_overdue($3) o ON o.company_id = v.company_id AND o.process_id = v.process_id
  JOIN company x ON x.id = coalesce(v.company_id, o.company_id)
  JOIN process_type t ON t.id = coalesce(v.process_id, o.process_id)
 ORDER BY x.name, t.title, t.contact_type, t.fuel, t.id
"""
_MONTHS = "SELECT month, opened, messages FROM sdep_portal_months($1, $2) ORDER BY month"
_KEPT = "SELECT month, kind, row_count, made_at FROM monthly_report ORDER BY month DESC, kind"
_CONTENT = "SELECT content FROM monthly_report WHERE month = $1 AND kind = $2"


@dataclass(frozen=True)
class Volume:
    """Numbers of one company in one process type: what it sent, and how it answered. `overdue` is now."""

    company: str
    process: str
    contact_type: str
    fuel: str
    opened: int
    messages: int
    due: int
    in_time: int
    overdue: int


@dataclass(frozen=True)
class Kept:
    """A monthly report that was made."""

    month: Month
    kind: str
    row_count: int
    made_at: datetime

    @property
    def title(self) -> str:
        return TITLES[self.kind]


async def volumes(actor: Actor, month: Month) -> list[Volume]:
    """By company and process type. For the Code Manager: the database tells nobody else (SD 12.2(b))."""
    _insist(actor)
    rows = await db.fetch(_VOLUMES, month.since, month.until, clock.now())
    return [
        Volume(
            row["company"],
            row["process"],
            row["contact_type"],
            FUELS[row["fuel"]],
            row["opened"],
            row["messages"],
            row["due"],
            row["in_time"],
            row["overdue"],
        )
        for row in rows
    ]


async def by_month(actor: Actor, first: Month, last: Month) -> dict[date, tuple[int, int]]:
    """Communications opened and messages sent in each month of all companies that has any."""
    _insist(actor)
    rows = await db.fetch(_MONTHS, first.since, last.until)
    return {row["month"]: (row["opened"], row["messages"]) for row in rows}


async def kept_reports(actor: Actor) -> list[Kept]:
    """The monthly reports, the latest first."""
    _insist(actor)
    rows = await db.fetch(_KEPT)
    return [Kept(Month(row["month"]), row["kind"], row["row_count"], row["made_at"]) for row in rows]


async def kept_content(actor: Actor, month: Month | None, kind: str) -> bytes:
    """The workbook of a monthly report; `NotFound` where there is none."""
    _insist(actor)
    rows = await db.fetch(_CONTENT, month.first, kind) if month and kind in TITLES else []
    if not rows:
        raise NotFound("There is no such report.")
    return bytes(rows[0]["content"])


def _insist(actor: Actor) -> None:
    assert actor.is_system or actor.may(Permission.PORTAL_REPORT_VIEW), "these are the Code Manager's"
