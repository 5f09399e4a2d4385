"""A company's communications for its own programs: what has changed, what is deleted next, what was deleted.

A program sends a key of the company's whose scope is communications:read (`Authorization: Bearer`); errors are
application/problem+json. The doors for people of a company are administration's.
"""

from litestar import Router

from sdes.kit.parameters import only_known
from sdes.sdep.routes.api import communications, deletions

__all__ = ["router"]

router = Router(
    path="/api/v1",
    before_request=only_known,
    route_handlers=[communications.index, communications.show, deletions.index],
)
