"""The search tags of one's own company on a communication."""

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, wants_fragment
from sdes.permissions import Permission
from sdes.sdep.actions import tagging
from sdes.sdep.forms import tag_from
from sdes.sdep.queries import details
from sdes.sdep.routes.handling.panels import panel, panel_again
from sdes.sdep.tags import why_not_tag

OPT = {"permission": Permission.COMMUNICATION_HANDLE}


@post("/communications/{reference:str}/tags", name="sdep.tag.add", opt=OPT)
async def add(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """Adds a search tag (SD 11.1(b)v)."""
    actor = actor_of(request)
    form = await read_form(request, cookie_of(request))
    view = await details.communication(actor, reference)
    tag, errors = tag_from(form)
    if not errors and (why := why_not_tag(view.tags, tag)):
        errors = {"tag": why}
    if errors:
        return await panel_again(request, "tags", view, errors, tag)
    return await _answer(request, reference, await tagging.add_tag(actor, view, tag))


@post("/communications/{reference:str}/tags/removal", name="sdep.tag.remove", opt=OPT)
async def remove(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """Takes a search tag away."""
    actor = actor_of(request)
    form = await read_form(request, cookie_of(request))
    view = await details.communication(actor, reference)
    return await _answer(request, reference, await tagging.remove_tag(actor, view, form.text("tag")))


async def _answer(request: AnyRequest, reference: str, said: str) -> Response[Any]:
    if wants_fragment(request):
        return await panel(request, "tags", reference, said)
    return go(request, f"/sdep/communications/{reference}#tags")
