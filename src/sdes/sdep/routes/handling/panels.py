"""The answers of the doors of owner and search tags: a panel by itself, or in its page."""

from collections.abc import Mapping
from typing import Any

from litestar import Response

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.kit.rendering import page, wants_fragment
from sdes.sdep.queries import details
from sdes.sdep.routes.pages import details_page, reply_form, thread_words
from sdes.sdep.routes.panel_words import handling
from sdes.sdep.views import CommunicationView


async def panel(request: AnyRequest, name: str, reference: str, said: str) -> Response[Any]:
    """The answer to htmx: the panel alone, after what was `said` has been done."""
    actor = actor_of(request)
    view = await details.communication(actor, reference)
    shown = await handling(actor, view, said=said)
    return page(request, f"partials/sdep/{name}.html", communication=view, handling=shown)


async def panel_again(
    request: AnyRequest, name: str, view: CommunicationView, errors: Mapping[str, str], tag: str = ""
) -> Response[Any]:
    """The panel with what is wrong in it (422), and without htmx the page around it."""
    actor = actor_of(request)
    shown = await handling(actor, view, tag=tag, errors=errors)
    if wants_fragment(request):
        return page(request, f"partials/sdep/{name}.html", 422, communication=view, handling=shown)
    words = await thread_words(actor, view, await reply_form(actor, view), view.read)
    return await details_page(request, {**words, "handling": shown}, 422)
