"""Upload of people and assignments: sent, checked, looked at, applied, and its result as a file (SD 2.6)."""

import asyncio
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, acting, actor_of, cookie_of
from sdes.administration.actions import uploads
from sdes.administration.exports.people import result_lines
from sdes.administration.queries.people import assignable
from sdes.administration.queries.uploads import upload
from sdes.administration.routes.sheets import OneFile, csv_file, workbook_file
from sdes.administration.uploads.rows import SHEET
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.kit.sheets_read import Unreadable, read_sheet
from sdes.permissions import Permission

ROOT = "/users/upload"
MANAGE = {"permission": Permission.PERSON_MANAGE}
SHOWN = 200  # rows on the page; the file has all of them


@get(ROOT, name="administration.uploads", opt=MANAGE)
async def show(request: AnyRequest) -> Response[Any]:
    """Where a file is chosen, templates and exports are fetched, and the columns are explained."""
    return await _form(request)


@post(ROOT, name="administration.uploads.send", opt={**MANAGE, "transaction": "own"})
async def send(request: AnyRequest) -> Response[Any]:
    """Reads and checks a file; what it would come to is the next page. Changes nobody."""
    actor = actor_of(request)
    file = OneFile()
    await read_form(request, cookie_of(request), file)
    error = file.problem
    if not error:
        try:
            sheet = await asyncio.to_thread(read_sheet, bytes(file.content), SHEET)
            async with acting(actor):
                kept = await uploads.keep(actor, file.name, sheet)
            return go(request, f"{ROOT}/{kept}")
        except Unreadable as unreadable:
            error = str(unreadable)
    async with acting(actor):
        return await _form(request, error)


@get(f"{ROOT}/{{upload_id:uuid}}", name="administration.upload", opt=MANAGE)
async def preview(request: AnyRequest, upload_id: FromPath[UUID]) -> Response[Any]:
    """What an upload would change, or all that is wrong with its rows; afterwards, what it did."""
    kept = await upload(actor_of(request), upload_id)
    rows = kept.problems or kept.effects
    return page(
        request,
        "templates/administration/upload_result.html",
        section="upload",
        upload=kept,
        rows=rows[:SHOWN],
        total=len(rows),
        is_anew=request.query_params.get("anew") == "1" and not kept.applied_at,
    )


@post(f"{ROOT}/{{upload_id:uuid}}/application", name="administration.upload.apply", opt=MANAGE)
async def apply(request: AnyRequest, upload_id: FromPath[UUID]) -> Response[Any]:
    """Does what the page before has shown; when people have changed meanwhile, shows that instead."""
    await read_form(request, cookie_of(request))
    anew = await uploads.apply(actor_of(request), upload_id)
    query = f"?{urlencode({'anew': 1})}" if anew else ""
    return go(request, f"{ROOT}/{anew or upload_id}{query}")


@post(f"{ROOT}/{{upload_id:uuid}}/removal", name="administration.upload.drop", opt=MANAGE)
async def drop(request: AnyRequest, upload_id: FromPath[UUID]) -> Response[Any]:
    """Forgets an upload that was not applied."""
    await read_form(request, cookie_of(request))
    await uploads.drop(actor_of(request), upload_id)
    return go(request, ROOT)


@get(f"{ROOT}/{{upload_id:uuid}}/result.csv", name="administration.upload.result-csv", opt=MANAGE)
async def result_csv(request: AnyRequest, upload_id: FromPath[UUID]) -> Response[Any]:
    """The rows with what became of each, as CSV."""
    kept = await upload(actor_of(request), upload_id)
    return csv_file("sdes-upload-result", result_lines(kept))


@get(f"{ROOT}/{{upload_id:uuid}}/result.xlsx", name="administration.upload.result-xlsx", opt=MANAGE)
async def result_xlsx(request: AnyRequest, upload_id: FromPath[UUID]) -> Response[Any]:
    """The rows with what became of each, as a workbook."""
    kept = await upload(actor_of(request), upload_id)
    return await workbook_file("sdes-upload-result", [(SHEET, result_lines(kept))])


async def _form(request: AnyRequest, error: str = "") -> Response[Any]:
    catalogue, allowed = await assignable(actor_of(request))
    codes = [process for process in catalogue if any(process.id == one for one, _ in allowed)]
    words = {"section": "upload", "errors": {"file": error} if error else {}, "processes": codes}
    return page(request, "templates/administration/upload.html", 422 if error else 200, **words)
