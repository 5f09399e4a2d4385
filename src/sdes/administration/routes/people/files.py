"""The list of people as a file, and the template of an upload (SD 2.6)."""

from typing import Any

from litestar import Response, get

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.accounts.functions import grantable
from sdes.administration.actions.uploads import note_export
from sdes.administration.exports import people as lines
from sdes.administration.queries.people import assignable, people
from sdes.administration.routes.sheets import csv_file, workbook_file
from sdes.administration.uploads.rows import SHEET
from sdes.kit import clock
from sdes.kit.prefetch import refuse_prefetch
from sdes.kit.spreadsheets import Rows
from sdes.permissions import Permission

MANAGE = {"permission": Permission.PERSON_MANAGE}


@get("/users/export.csv", name="administration.people.csv", opt=MANAGE)
async def export_csv(request: AnyRequest) -> Response[Any]:
    """Everybody with their assignments, as CSV."""
    (_, rows), *_ = await _exported(request, "CSV")
    return csv_file("sdes-people", rows)


@get("/users/export.xlsx", name="administration.people.xlsx", opt=MANAGE)
async def export_xlsx(request: AnyRequest) -> Response[Any]:
    """Everybody with their assignments, as a workbook that also explains its codes."""
    return await workbook_file("sdes-people", await _exported(request, "XLSX"))


@get("/users/upload/template.csv", name="administration.uploads.template-csv", opt=MANAGE)
async def template_csv(request: AnyRequest) -> Response[Any]:
    """The columns of an upload with an example, as CSV."""
    catalogue, allowed = await assignable(actor_of(request))
    return csv_file("sdes-people-template", lines.template_lines(catalogue, allowed))


@get("/users/upload/template.xlsx", name="administration.uploads.template-xlsx", opt=MANAGE)
async def template_xlsx(request: AnyRequest) -> Response[Any]:
    """The columns of an upload with an example, as a workbook that also explains its columns and codes."""
    catalogue, allowed = await assignable(actor_of(request))
    sheets = [(SHEET, lines.template_lines(catalogue, allowed)), *await _explanations(request)]
    return await workbook_file("sdes-people-template", sheets)


async def _exported(request: AnyRequest, kind: str) -> list[tuple[str, Rows]]:
    refuse_prefetch(request)
    actor = actor_of(request)
    catalogue, _ = await assignable(actor)
    everybody = await people(actor)
    await note_export(actor, kind, len(everybody))
    rows = lines.people_lines(everybody, catalogue, clock.today())
    return [(SHEET, rows), *await _explanations(request)]


async def _explanations(request: AnyRequest) -> list[tuple[str, Rows]]:
    actor = actor_of(request)
    catalogue, allowed = await assignable(actor)
    return [
        ("Columns", lines.rules_lines()),
        ("Use cases", lines.use_case_lines(catalogue, allowed)),
        ("System functions", lines.function_lines(grantable(actor.market_roles))),
    ]
