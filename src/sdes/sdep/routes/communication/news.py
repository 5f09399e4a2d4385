"""A thread that is open in a browser: whether anything was added, and what; what is being typed there stays."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.kit.numbers import whole_number
from sdes.kit.prefetch import refuse_prefetch
from sdes.kit.rendering import go, page, wants_fragment
from sdes.permissions import Permission
from sdes.sdep.actions import viewing
from sdes.sdep.queries import details
from sdes.sdep.routes.pages import reply_form, thread_words
from sdes.sdep.thread import entries_after
from sdes.sdep.views import CommunicationView

VIEW = {"permission": Permission.COMMUNICATION_VIEW}
POLL = {**VIEW, "poll": True, "transaction": "reads"}


@get("/communications/{reference:str}/news", name="sdep.communication.news", opt=POLL)
async def news(
    request: AnyRequest, reference: FromPath[str], after: FromQuery[str] = "", told: FromQuery[str] = ""
) -> Response[Any]:
    """How many messages there are beyond number `after`; 204 while there are no others than the page was `told` of."""
    view = await details.communication(actor_of(request), reference)
    seen = _seen(after, view)
    fresh = view.message_count - seen
    if fresh == (whole_number(told, 9) or 0):
        return Response(None, status_code=204)
    return page(request, "partials/sdep/news.html", communication=view, after=seen, fresh=fresh)


@get("/communications/{reference:str}/messages", name="sdep.messages", opt=VIEW)
async def messages(request: AnyRequest, reference: FromPath[str], after: FromQuery[str] = "") -> Response[Any]:
    """What was added beyond message number `after`, to be put at the end of a thread; to others than htmx, the page."""
    actor = actor_of(request)
    view = await details.communication(actor, reference)
    if not wants_fragment(request):
        return go(request, f"/sdep/communications/{reference}")
    refuse_prefetch(request)
    await viewing.view(actor, view)
    seen = _seen(after, view)
    words = await thread_words(actor, view, await reply_form(actor, view), seen, focused=seen + 1)
    words["entries"] = entries_after(words["entries"], seen)
    return page(request, "partials/sdep/newer.html", after=view.message_count, fresh=0, **words)


def _seen(after: str, view: CommunicationView) -> int:
    """The number of the last message that the page has; what is no number means all: a page is not lost over it."""
    number = whole_number(after, 9)
    return view.message_count if number is None else min(number, view.message_count)
