"""The column beside an open page anew: the bell has changed, and with it, it may be, the numbers of the folders."""

from typing import Any

from litestar import Response, get

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.kit.numbers import whole_number
from sdes.kit.rendering import go, page, wants_fragment
from sdes.permissions import Permission
from sdes.sdep.routes.side import side_words

POLL = {"permission": Permission.COMMUNICATION_VIEW, "poll": True, "transaction": "reads"}


@get("/side", name="sdep.side", opt=POLL)
async def anew(request: AnyRequest) -> Response[Any]:
    """The column of the page that asks (SD 14.3); 204 while its numbers are those that the page shows; to others than
    htmx, the list."""
    if not wants_fragment(request):
        return go(request, "/sdep/communications")
    asked = request.query_params
    saved = whole_number(asked.get("saved"), 18) or 0
    words = await side_words(actor_of(request), asked.get("folder", ""), asked.get("process", ""), saved)
    if words["side"].mark == asked.get("known"):
        return Response(None, status_code=204)
    return page(request, "partials/sdep/side.html", **words)
