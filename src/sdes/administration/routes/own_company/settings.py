"""Settings of the whole company, which are its Master Admin User's alone."""

from typing import Any

from litestar import Response, get, post

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.accounts.queries import has_second_factor
from sdes.accounts.routes.security import first_confirm
from sdes.administration.actions.settings import require_second_factor
from sdes.administration.queries.settings import second_factor
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission

SETTINGS = {"permission": Permission.COMPANY_SETTINGS}


@get("/users/settings", name="administration.company-settings", opt=SETTINGS)
async def show(request: AnyRequest) -> Response[Any]:
    """Second factor for all, and the ways to the company's keys and its own sign-in."""
    actor = actor_of(request)
    return page(
        request,
        "templates/administration/company_settings.html",
        section="settings",
        second_factor=await second_factor(actor),
        has_own=await has_second_factor(actor.person_id or 0),
        is_saved=request.query_params.get("saved") == "1",
    )


@post("/users/settings", name="administration.company-settings.change", opt=SETTINGS)
async def change(request: AnyRequest) -> Response[Any]:
    """Saves them."""
    form = await read_form(request, cookie_of(request))
    is_required = form.text("requires_second_factor") == "on"
    if not is_required and (answer := await first_confirm(request, "/users/settings")):
        return answer
    await require_second_factor(actor_of(request), is_required)
    return go(request, "/users/settings?saved=1")
