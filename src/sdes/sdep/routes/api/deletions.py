"""Communications that were deleted, as programs are told of them (SD 14.4)."""

from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.kit.paging import Cursor
from sdes.sdep.queries import changes
from sdes.sdep.queries.changes import BEGINNING
from sdes.sdep.routes.api.asked import MOMENT, READ, CursorText, Limit, moment, place
from sdes.sdep.routes.api.media import DeletionsMedia, deletion_media

SINCE = f"Those that became known then or later. {MOMENT}"


@get("/deletions", name="api.deletions", opt=READ, summary="List communications that were deleted")
async def index(
    request: AnyRequest,
    since: Annotated[str, QueryParameter(max_length=40, required=False, description=SINCE)] = "",
    cursor: CursorText = "",
    limit: Limit = 100,
) -> Response[DeletionsMedia]:
    """The references of your company's communications that were deleted since, a page at a time. What they held is
    gone for good."""
    actor = actor_of(request)
    first, after = moment("since", since) or BEGINNING, place(cursor)
    until = await changes.known_until(actor)
    found = await changes.deletions(actor, first, until, after, limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    further = str(Cursor(last.noted_at.isoformat(), last.id)) if last else None
    return Response(DeletionsMedia([deletion_media(one) for one in found[:limit]], further, until))
