"""The owner of a communication."""

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.accounts.forms import own_path
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page, wants_fragment
from sdes.permissions import Permission
from sdes.sdep.actions import ownership
from sdes.sdep.forms import number_from, owner_from
from sdes.sdep.queries import details
from sdes.sdep.routes.handling.panels import panel, panel_again


@post(
    "/communications/{reference:str}/owner",
    name="sdep.owner.assign",
    opt={"permission": Permission.COMMUNICATION_HANDLE},
)
async def assign(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """Makes somebody the owner, or nobody (SD 11.1(b)i): from the communication's page, or from its row in a list."""
    actor = actor_of(request)
    form = await read_form(request, cookie_of(request))
    view = await details.communication(actor, reference)
    person, errors = (actor.person_id, {}) if form.text("take") else owner_from(form)
    if errors:
        return await panel_again(request, "owner", view, errors)
    said = await ownership.assign(actor, view, person, number_from(form, "seen") or None)
    if not wants_fragment(request):
        return go(request, own_path(form.text("next") or f"/sdep/communications/{reference}#owner"))
    if form.text("in") == "row":
        view = await details.communication(actor, reference)
        is_mine = view.owner_id == actor.person_id
        return page(request, "partials/sdep/owner_mark.html", owner=view.owner, is_mine=is_mine, said=said)
    return await panel(request, "owner", reference, said)
