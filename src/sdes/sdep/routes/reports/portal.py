"""The Code Manager's reports: numbers of all companies, and the reports of each month (SD 3.2, 12.2)."""

from collections import defaultdict
from typing import Any

from litestar import Response, get

from sdes.accounts.entrance import AnyRequest, acting, actor_of
from sdes.actor import Actor
from sdes.kit.prefetch import refuse_prefetch
from sdes.kit.rendering import page
from sdes.kit.spreadsheets import XLSX, csv_lines
from sdes.permissions import Permission
from sdes.sdep.actions.reports import note_download
from sdes.sdep.exports.reports import volume_rows
from sdes.sdep.queries.reports import portal
from sdes.sdep.queries.reports.portal import Volume
from sdes.sdep.reports.charts import Chart, Point, chart
from sdes.sdep.reports.months import KEPT_MONTHS, TITLES, VOLUMES, Month
from sdes.sdep.reports.percent import percent

ROOT = "/sdep/portal-reports"
MONTHS = 12  # in the chart, and to choose from
MOST_ON_SCREEN = 500


@get("/portal-reports", name="sdep.portal-reports", opt={"permission": Permission.PORTAL_REPORT_VIEW, "slow": True})
async def index(request: AnyRequest) -> Response[Any]:
    """Volumes of one month by company and process type, of the last twelve months, and what is overdue now."""
    actor, present = actor_of(request), Month.present()
    months = [present.plus(-ago) for ago in range(MONTHS)]
    month = Month.read(request.query_params.get("month", ""))
    month = month if month in months else present
    found = await portal.volumes(actor, month)
    return page(
        request,
        "templates/sdep/reports/portal.html",
        month=month,
        months=[(one.key, one.title) for one in months],
        rows=found[:MOST_ON_SCREEN],
        total=len(found),
        processes=_by_process(found),
        sums=_sums(found),
        trend=await _trend(actor, months[::-1]),
        kept=await portal.kept_reports(actor),
        kept_months=KEPT_MONTHS,
        root=ROOT,
    )


@get(
    "/portal-reports/monthly.xlsx",
    name="sdep.portal-reports.monthly",
    opt={"permission": Permission.PORTAL_REPORT_VIEW, "transaction": "own"},
)
async def monthly(request: AnyRequest) -> Response[bytes]:
    """One report of a month, as it was kept."""
    refuse_prefetch(request)
    actor = actor_of(request)
    month, kind = Month.read(request.query_params.get("month", "")), request.query_params.get("kind", "")
    async with acting(actor):
        content = await portal.kept_content(actor, month, kind)
        assert month
        await note_download(actor, TITLES[kind], "XLSX", month.title)
    name = f"sdes-{kind}-{month.key}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=XLSX, headers=headers)


@get(
    "/portal-reports/volumes.csv",
    name="sdep.portal-reports.volumes",
    opt={"permission": Permission.PORTAL_REPORT_VIEW, "transaction": "own"},
)
async def volumes(request: AnyRequest) -> Response[str]:
    """All numbers of one month, by company and process type, as CSV."""
    refuse_prefetch(request)
    actor = actor_of(request)
    month = Month.read(request.query_params.get("month", "")) or Month.present()
    async with acting(actor):
        found = await portal.volumes(actor, month)
        await note_download(actor, TITLES[VOLUMES], "CSV", month.title)
    name = f"sdes-{VOLUMES}-{month.key}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response("".join(csv_lines(volume_rows(found))), media_type="text/csv; charset=utf-8", headers=headers)


async def _trend(actor: Actor, months: list[Month]) -> Chart:
    found = await portal.by_month(actor, months[0], months[-1])
    points = [Point(one.first, *reversed(found.get(one.first, (0, 0)))) for one in months]
    title = f"Messages sent and communications begun in each of the last {MONTHS} months, all companies"
    return chart(title, ("Messages", "Communications begun"), "Month", points)


def _by_process(found: list[Volume]) -> list[tuple[str, int]]:
    """Messages by business process, most first."""
    sums: defaultdict[str, int] = defaultdict(int)
    for one in found:
        sums[one.process] += one.messages
    return sorted(((name, count) for name, count in sums.items() if count), key=lambda one: (-one[1], one[0]))


def _sums(found: list[Volume]) -> dict[str, int]:
    names = ("opened", "messages", "due", "in_time", "overdue")
    sums = {name: sum(getattr(one, name) for one in found) for name in names}
    return {**sums, "percent": percent(sums["in_time"], sums["due"])}
