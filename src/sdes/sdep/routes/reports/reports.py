"""The six reports of a company: on screen and as files (SD 12.1)."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.response import Stream

from sdes.accounts.entrance import AnyRequest, acting, actor_of
from sdes.actor import Actor
from sdes.kit.prefetch import refuse_prefetch
from sdes.kit.rendering import page
from sdes.kit.spreadsheets import XLSX
from sdes.kit.temporary import pieces
from sdes.permissions import Permission
from sdes.sdep.actions.reports import note_download
from sdes.sdep.exports.reports import MOST, as_csv, as_workbook
from sdes.sdep.queries.reports import messages
from sdes.sdep.queries.reports.choices import choices
from sdes.sdep.queries.reports.reading import Found, batches, first_rows
from sdes.sdep.queries.reports.statements import statement_of
from sdes.sdep.reports import kinds
from sdes.sdep.reports.asked import OURS, THEIRS, Asked, Choices, read_asked
from sdes.sdep.reports.charts import Chart, chart, every_day
from sdes.sdep.reports.kinds import REPORTS, Report

ROOT = "/sdep/reports"
VIEW = {"permission": Permission.REPORT_VIEW, "slow": True}
FILE = {"permission": Permission.REPORT_VIEW, "transaction": "own"}  # a slow download holds no connection
MOST_ON_SCREEN = 200
_SIDES = {"": "", OURS: "due from us", THEIRS: "due from the other company"}
MOST_DAYS_APART = 62  # beyond it the chart is by week


@dataclass(frozen=True)
class Shown:
    """One report as it was asked for, and where its files are."""

    report: Report
    asked: Asked
    choices: Choices
    found: Found
    chart: Chart | None

    @property
    def is_ready(self) -> bool:
        """Whether enough was chosen to answer."""
        return _is_ready(self.report, self.asked)

    def href(self, ending: str) -> str:
        return f"{ROOT}/{self.report.key}.{ending}{self.asked.query(self.report.asks)}"


@get([f"/reports/{key}" for key in REPORTS], name="sdep.report", opt=VIEW)
async def show(request: AnyRequest) -> Response[Any]:
    """One report on screen: its first rows, their number, a chart where it says more."""
    actor, report = actor_of(request), _report(request)
    return await _page(request, actor, report, *await _asked(request, actor, report))


@get([f"/reports/{key}.csv" for key in REPORTS], name="sdep.report.csv", opt=FILE)
async def export_csv(request: AnyRequest) -> Stream | Response[Any]:
    """One report as CSV."""
    return await _file(request, "csv")


@get([f"/reports/{key}.xlsx" for key in REPORTS], name="sdep.report.xlsx", opt=FILE)
async def export_xlsx(request: AnyRequest) -> Stream | Response[Any]:
    """One report as a workbook."""
    return await _file(request, "xlsx")


async def _page(
    request: AnyRequest, actor: Actor, report: Report, asked: Asked, offered: Choices, status: int = 200
) -> Response[Any]:
    found, drawn = Found(), None
    if _is_ready(report, asked):
        found = await first_rows(actor, statement_of(actor, report, asked, MOST_ON_SCREEN))
        drawn = await _chart(actor, asked) if report is kinds.MESSAGES and found.total else None
    shown = Shown(report, asked, offered, found, drawn)
    code = 422 if asked.errors else status
    return page(request, "templates/sdep/reports/report.html", code, section=report.key, shown=shown)


async def _file(request: AnyRequest, ending: str) -> Stream | Response[Any]:
    refuse_prefetch(request)
    actor, report = actor_of(request), _report(request)
    async with acting(actor):
        asked, offered = await _asked(request, actor, report)
        if not _is_ready(report, asked):
            return await _page(request, actor, report, asked, offered, 422)
        await note_download(actor, report.title, ending.upper(), _in_words(report, asked, offered))
        rows = batches(actor, statement_of(actor, report, asked, MOST))
        file = await (as_csv(report, rows) if ending == "csv" else as_workbook(report, rows))
    name = f"sdes-{report.key}-{asked.first}-{asked.last}" if report.asks_for_days else f"sdes-{report.key}"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"', "Cache-Control": "no-store"}
    return Stream(pieces(file), media_type=XLSX if ending == "xlsx" else "text/csv; charset=utf-8", headers=headers)


async def _asked(request: AnyRequest, actor: Actor, report: Report) -> tuple[Asked, Choices]:
    offered = await choices(actor)
    return read_asked(request.query_params, offered, names=report.asks), offered


async def _chart(actor: Actor, asked: Asked) -> Chart:
    is_long = (asked.last - asked.first).days >= MOST_DAYS_APART
    unit, step, word = ("week", 7, "Week from") if is_long else ("day", 1, "Day")
    monday = asked.first.toordinal() - (asked.first.weekday() if is_long else 0)
    begin = asked.first.fromordinal(monday)
    points = every_day(await messages.by_day(actor, asked, unit), begin, asked.last, step)
    return chart(f"Messages sent and received, {asked.days_text}", ("Sent", "Received"), word, points)


def _is_ready(report: Report, asked: Asked) -> bool:
    return not asked.errors and (report is not kinds.OF_PERSON or asked.person is not None)


def _in_words(report: Report, asked: Asked, offered: Choices) -> str:
    """What was asked for, as the audit log tells it."""
    person = dict(offered.people).get(str(asked.person), "")
    days = asked.days_text if report.asks_for_days else ""
    side = _SIDES[asked.side] if "by" in report.asks else ""
    return ", ".join(part for part in (days, asked.mpid, asked.process, person, side) if part)


def _report(request: AnyRequest) -> Report:
    return REPORTS[request.url.path.rpartition("/")[2].partition(".")[0]]
