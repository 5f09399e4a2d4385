"""The export of all communications of a company that have changed since a time, or are soon deleted."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Stream

from sdes.accounts.entrance import AnyRequest, acting, actor_of
from sdes.actor import Actor
from sdes.catalogue.dates import show_date
from sdes.kit import clock
from sdes.kit.prefetch import refuse_prefetch
from sdes.kit.rendering import page
from sdes.permissions import Permission
from sdes.sdep.actions.exporting import note_export
from sdes.sdep.exports.communications import COLUMNS, communications_csv
from sdes.sdep.queries.changes import changed_ids, deleting_ids, known_until
from sdes.sdep.since import USUAL, moment_text, read_since

VIEW = {"permission": Permission.EXPORT}
FILE = {"permission": Permission.EXPORT, "transaction": "own"}  # a slow download holds no connection
SOON = timedelta(days=7)


@get("/export", name="sdep.export", opt=VIEW)
async def ask(request: AnyRequest) -> Response[Any]:
    """Asks since when; tells how many are soon deleted."""
    usual = clock.local(clock.now() - USUAL).date()
    soon = len(await deleting_ids(actor_of(request), clock.now() + SOON))
    return _page(request, show_date(usual), soon=soon)


@get("/export.csv", name="sdep.export.csv", opt=FILE)
async def download(request: AnyRequest, updated_since: FromQuery[str | None] = None) -> Response[Any] | Stream:
    """What has changed since, as CSV, one row a message: in the last two days where nothing is said, and all for an
    empty word."""
    refuse_prefetch(request)
    actor = actor_of(request)
    since, error = read_since(updated_since or "")
    if error:
        return _page(request, (updated_since or "")[:100], error=error)
    if updated_since is None:
        since = clock.now() - USUAL
    async with acting(actor):
        until = await known_until(actor)
        ids = await changed_ids(actor, since)
        await note_export(actor, f"Changed since {moment_text(since)}" if since else "All communications")
    return _file(actor, ids, until)


@get("/export/deleting.csv", name="sdep.export.deleting", opt=FILE)
async def download_deleting(request: AnyRequest) -> Stream:
    """What is deleted within a week, as CSV (SD 14.4)."""
    refuse_prefetch(request)
    actor = actor_of(request)
    async with acting(actor):
        until = await known_until(actor)
        ids = await deleting_ids(actor, clock.now() + SOON)
        await note_export(actor, "Those to be deleted within a week")
    return _file(actor, ids, until)


def _file(actor: Actor, ids: list[int], until: datetime) -> Stream:
    headers = {
        "Content-Disposition": f'attachment; filename="sdes-communications-{clock.local(until):%Y-%m-%d-%H%M}.csv"',
        "Cache-Control": "no-store",
        "SDES-Complete-Until": until.isoformat(),  # go on from here, and nothing is missed
    }
    return Stream(communications_csv(actor, ids), media_type="text/csv", headers=headers)


def _page(request: AnyRequest, typed: str, *, soon: int = 0, error: str = "") -> Response[Any]:
    errors = {"updated-since": error} if error else {}
    words = {"typed": typed, "soon": soon, "errors": errors, "columns": COLUMNS}
    return page(request, "templates/sdep/export.html", 422 if errors else 200, **words)
