"""The doors of the portal, by what is dealt with; what several of them draw lies beside."""

from litestar import Router

from sdes.sdep.routes import beside, communication, handling, lists, reports, writing

router = Router(
    path="/sdep",
    route_handlers=[
        beside.anew,
        *lists.handlers,
        *communication.handlers,
        *handling.handlers,
        *writing.handlers,
        *reports.handlers,
    ],
)
