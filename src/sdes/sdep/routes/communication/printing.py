"""The transcript as a page to print (SD 11.1(b)vii)."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.kit.prefetch import refuse_prefetch
from sdes.kit.rendering import page
from sdes.permissions import Permission
from sdes.sdep.actions.history import record
from sdes.sdep.queries import details


@get(
    "/communications/{reference:str}/print",
    name="sdep.communication.print",
    opt={"permission": Permission.COMMUNICATION_VIEW},
)
async def show(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """The whole communication on one page, every message open."""
    refuse_prefetch(request)
    actor = actor_of(request)
    shown = await details.communication(actor, reference)
    messages = await details.messages(actor, shown)
    await record(actor, "sdep.transcript.printed", shown)
    return page(request, "templates/sdep/print.html", communication=shown, messages=messages)
