"""The interface for programs: a company's own directory maintains its people (SD 2.6; REC change proposal R0009).

A program sends a key of the company's (`Authorization: Bearer`), and JSON; errors are application/problem+json.
"""

from typing import Any

from litestar import Router

from sdes.accounts.entrance import AnyRequest
from sdes.administration.routes.api import lists, passwords, people, person, suspension
from sdes.administration.routes.api.media import NotJson
from sdes.kit.parameters import only_known

__all__ = ["router"]


async def _as_asked_for(request: AnyRequest) -> Any:
    """Refuses parameters that the door does not know, and a body that does not say that it is JSON."""
    await only_known(request)
    if request.headers.get("Content-Length", "0") == "0" and "Transfer-Encoding" not in request.headers:
        return
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise NotJson("Send the body as application/json.")


router = Router(
    path="/api/v1",
    before_request=_as_asked_for,
    route_handlers=[
        people.index,
        people.add,
        person.show,
        person.change,
        person.remove,
        person.assign,
        person.grant,
        suspension.suspend,
        suspension.reinstate,
        passwords.reset,
        lists.use_cases,
        lists.functions,
    ],
)
