"""The audit log of administration and sign-in: shown, filtered, taken out as a file."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.response import Stream

from sdes.accounts.entrance import AnyRequest, acting, actor_of
from sdes.administration.actions.audit import note_export
from sdes.administration.audit.filter import Asked, read_filter
from sdes.administration.audit.words import GROUPS, AuditLine
from sdes.administration.exports.audit import audit_csv, audit_xlsx
from sdes.administration.queries.audit import AuditPage, audit_page
from sdes.kit.paging import Cursor
from sdes.kit.prefetch import refuse_prefetch
from sdes.kit.rendering import listing
from sdes.kit.spreadsheets import XLSX
from sdes.kit.temporary import pieces
from sdes.permissions import Permission

ROOT = "/audit"
KINDS = [(group.key, group.label) for group in GROUPS]
VIEW = {"permission": Permission.AUDIT_VIEW}
FILE = {"permission": Permission.AUDIT_VIEW, "transaction": "own"}  # a slow download holds no connection


@dataclass(frozen=True)
class Listing:
    """A page of the log with the addresses of its neighbours and of its files."""

    asked: Asked
    found: AuditPage

    @property
    def rows(self) -> list[AuditLine]:
        return self.found.rows

    @property
    def first_href(self) -> str:
        return ROOT + self.asked.query()

    @property
    def previous_href(self) -> str | None:
        return ROOT + self.asked.query(page=str(self.found.previous)) if self.found.previous else None

    @property
    def next_href(self) -> str | None:
        return ROOT + self.asked.query(page=str(self.found.next)) if self.found.next else None

    @property
    def csv_href(self) -> str:
        return f"{ROOT}/export.csv{self.asked.query()}"

    @property
    def xlsx_href(self) -> str:
        return f"{ROOT}/export.xlsx{self.asked.query()}"


@get(ROOT, name="administration.audit", opt=VIEW)
async def index(request: AnyRequest) -> Response[Any]:
    """Who did what in administration and who signed in, newest first."""
    asked = read_filter(request.query_params)
    cursor = Cursor.read(request.query_params.get("page"))
    made = Listing(asked, await audit_page(actor_of(request), asked.filter, cursor))
    answer = listing(
        request,
        "templates/administration/audit.html",
        "partials/administration/audit_results.html",
        listing=made,
        kinds=KINDS,
    )
    answer.headers["HX-Push-Url"] = ROOT + asked.query(page=str(cursor) if cursor else "")
    return answer


@get(f"{ROOT}/export.csv", name="administration.audit.csv", opt=FILE)
async def export_csv(request: AnyRequest) -> Stream:
    """What is filtered, as CSV."""
    asked = await _noted(request, "CSV")
    return _file(audit_csv(actor_of(request), asked.filter), "csv", "text/csv; charset=utf-8")


@get(f"{ROOT}/export.xlsx", name="administration.audit.xlsx", opt=FILE)
async def export_xlsx(request: AnyRequest) -> Stream:
    """What is filtered, as a workbook."""
    asked = await _noted(request, "XLSX")
    return _file(pieces(await audit_xlsx(actor_of(request), asked.filter)), "xlsx", XLSX)


async def _noted(request: AnyRequest, kind: str) -> Asked:
    refuse_prefetch(request)
    asked = read_filter(request.query_params)
    async with acting(actor_of(request)):
        await note_export(actor_of(request), kind, asked.values)
    return asked


def _file(pieces: AsyncIterator[str] | AsyncIterator[bytes], ending: str, media_type: str) -> Stream:
    headers = {"Content-Disposition": f'attachment; filename="sdes-audit.{ending}"', "Cache-Control": "no-store"}
    return Stream(pieces, media_type=media_type, headers=headers)
