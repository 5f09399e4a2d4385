"""Communications of the whole company, as programs read them."""

from datetime import datetime
from typing import Annotated

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.kit.paging import Cursor
from sdes.kit.problems import NotValid
from sdes.sdep.actions.exporting import note_fetch
from sdes.sdep.queries import changes
from sdes.sdep.queries.changes import BEGINNING, Changed
from sdes.sdep.routes.api.asked import MOMENT, READ, CursorText, Limit, moment, place
from sdes.sdep.routes.api.media import (
    CommunicationsMedia,
    WholeCommunicationMedia,
    communication_media,
    whole_media,
)

SINCE = f"Those that changed then or later. {MOMENT}"
BEFORE = f"Instead: archived ones that are deleted before then. {MOMENT}"


@get("/communications", name="api.communications", opt=READ, summary="List communications that have changed")
async def index(
    request: AnyRequest,
    updated_since: Annotated[str, QueryParameter(max_length=40, required=False, description=SINCE)] = "",
    deleting_before: Annotated[str, QueryParameter(max_length=40, required=False, description=BEFORE)] = "",
    cursor: CursorText = "",
    limit: Limit = 100,
) -> Response[CommunicationsMedia]:
    """All communications of your company that have changed since, the earliest change first, a page at a time; all
    there are where no time is given. One that changes again while you read comes again."""
    actor = actor_of(request)
    since, before = moment("updated_since", updated_since), moment("deleting_before", deleting_before)
    if since and before:
        raise NotValid(deleting_before="Ask for updated_since or for deleting_before, not for both")
    after = place(cursor)
    until = await changes.known_until(actor)
    if before:
        found = await changes.deleting_page(actor, before, after, limit + 1)
    else:
        found = await changes.changed_page(actor, since or BEGINNING, until, after, limit + 1)
    await note_fetch(actor, "The list of communications")
    further = str(_place_of(found[limit - 1], is_deleting=before is not None)) if len(found) > limit else None
    return Response(CommunicationsMedia([communication_media(one) for one in found[:limit]], further, until))


@get(
    "/communications/{reference:str}",
    name="api.communication",
    opt=READ,
    summary="Read a communication with its messages",
)
async def show(request: AnyRequest, reference: FromPath[str]) -> Response[WholeCommunicationMedia]:
    """A communication of your company with all its messages."""
    actor = actor_of(request)
    one = await changes.one_changed(actor, reference)
    messages = await changes.messages_of(actor, [one.id])
    await note_fetch(actor, one.reference)
    return Response(whole_media(one, messages.get(one.id, [])))


def _place_of(one: Changed, *, is_deleting: bool) -> Cursor:
    at: datetime | None = one.archived_at if is_deleting else one.changed_at
    return Cursor(at.isoformat() if at else None, one.id)
