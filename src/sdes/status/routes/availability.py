"""The availability of a month as a file, for those who run the service."""

import asyncio
from typing import Any

from litestar import Response, get

from sdes.accounts.entrance import AnyRequest, acting, actor_of
from sdes.kit.errors import NotFound
from sdes.kit.prefetch import refuse_prefetch
from sdes.kit.spreadsheets import XLSX, csv_lines, workbook
from sdes.permissions import Permission
from sdes.sdep.actions.reports import note_download
from sdes.sdep.reports.months import AVAILABILITY, KEPT_MONTHS, TITLES, Month
from sdes.status.exports import BY_DAY, Lines, availability_sheets

OWN = {"permission": Permission.STATUS_OPERATION, "transaction": "own"}


@get("/status/availability.csv", name="status.availability.csv", opt=OWN)
async def as_csv(request: AnyRequest) -> Response[str]:
    """Each Working Day of a month as CSV (SD 3.2)."""
    month = _month(request)
    sheets = await _sheets(request, month, "CSV")
    return Response(
        "".join(csv_lines(sheets[BY_DAY])), media_type="text/csv; charset=utf-8", headers=_headers(month, "csv")
    )


@get("/status/availability.xlsx", name="status.availability.xlsx", opt=OWN)
async def as_workbook(request: AnyRequest) -> Response[bytes]:
    """The same with outages and sums as a workbook, as it is known now; the Code Manager's monthly report is kept."""
    month = _month(request)
    sheets = await _sheets(request, month, "XLSX")
    content = await asyncio.to_thread(workbook, list(sheets.items()))
    return Response(content, media_type=XLSX, headers=_headers(month, "xlsx"))


def _month(request: AnyRequest) -> Month:
    """The one that the address names, of those whose minutes are kept; refuses (404) any other."""
    refuse_prefetch(request)
    month, present = Month.read(request.query_params.get("month", "")), Month.present()
    if month is None or not present.plus(-KEPT_MONTHS).first <= month.first <= present.first:
        raise NotFound("There is no such report.")
    return month


async def _sheets(request: AnyRequest, month: Month, kind: str) -> dict[str, Lines]:
    actor = actor_of(request)
    async with acting(actor):
        sheets = await availability_sheets(month)
        await note_download(actor, TITLES[AVAILABILITY], kind, month.title)
    return sheets


def _headers(month: Month, ending: str) -> dict[str, Any]:
    name = f"sdes-{AVAILABILITY}-{month.key}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
