"""Archiving a communication by hand, after the warning that it is archived for the other party too."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.kit import clock
from sdes.kit.errors import Refused
from sdes.kit.forms import read_form
from sdes.kit.numbers import whole_number
from sdes.kit.rendering import go, page
from sdes.permissions import Permission
from sdes.sdep.access import why_not_archive
from sdes.sdep.actions import archiving
from sdes.sdep.due import still_due
from sdes.sdep.forms import number_from
from sdes.sdep.queries import details
from sdes.sdep.retention import deletes_at
from sdes.sdep.routes.side import side_words

PATH = "/communications/{reference:str}/archiving"
OPT = {"permission": Permission.COMMUNICATION_HANDLE}


@get(PATH, name="sdep.archiving", opt=OPT)
async def show(request: AnyRequest, reference: FromPath[str], seen: FromQuery[str] = "") -> Response[Any]:
    """The warning (SD 14.2). `seen` is the number of the last message that the page before has shown."""
    actor = actor_of(request)
    view = await details.communication(actor, reference)
    asked = whole_number(seen, 6)
    number = view.message_count if asked is None else asked
    if why := why_not_archive(actor, view, number):
        raise Refused(why)
    side = await side_words(actor, "active")
    ours = view.awaiting_company_id == actor.company_id
    words: dict[str, Any] = {
        "communication": view,
        "seen": number,
        "deletes_at": deletes_at(clock.now()),
        "still_due": still_due(view.due_at, actor.company_name if ours else view.other_company),
    }
    return page(request, "templates/sdep/archiving.html", **words, **side)


@post(PATH, name="sdep.archiving.do", opt=OPT)
async def archive(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """Archives it for both parties (SD 11.1(b)vi)."""
    actor = actor_of(request)
    form = await read_form(request, cookie_of(request))
    view = await details.communication(actor, reference)
    await archiving.archive(actor, view, number_from(form, "seen"))
    return go(request, f"/sdep/communications/{reference}")
