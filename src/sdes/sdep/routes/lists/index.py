"""The communication list, and the way from a typed reference to its communication."""

from typing import Any

from litestar import Response, get

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.kit.rendering import go
from sdes.permissions import Permission
from sdes.sdep.filters import ROOT
from sdes.sdep.queries.searching import reference_of
from sdes.sdep.routes.lists.listing import list_page

READS = {"permission": Permission.COMMUNICATION_VIEW, "transaction": "reads"}


@get("/communications", name="sdep.communications", opt=READS)
async def index(request: AnyRequest) -> Response[Any]:
    """The communication list, searched and filtered (SD 11.1(a)). A reference that was typed is gone to."""
    if reference := await reference_of(actor_of(request), request.query_params.get("q", "")):
        return go(request, f"{ROOT}/{reference}")
    return await list_page(request)
