"""The one guard: who may open which door. Closed by default: a door that states nothing opens to nobody."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from sdes.accounts.entrance import AnyRequest
from sdes.accounts.roles import WAY_ON
from sdes.kit.errors import Forbidden, SdesError
from sdes.kit.rendering import wants_fragment
from sdes.permissions import Permission


class SignInFirst(SdesError):
    """Nobody is signed in; `next` is where to go on afterwards, `why` what the sign-in page says."""

    status = 401
    title = "Sign in first"

    def __init__(self, next: str, why: str = "") -> None:
        super().__init__("Your session has ended. Sign in and try again.")
        self.next = next
        self.why = why


async def open_doors_only(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Lets in whoever holds the permission that the route's `opt` states. Whoever has not finished signing in is sent
    to do so; a form whose session has ended is kept by the route's `rescue`, which says what its sender is told
    where they sign in again."""
    if connection.scope.get("method") == "OPTIONS":
        return
    wanted = handler.opt.get("permission")
    visit = connection.scope["state"]["visit"]
    if wanted == Permission.ANYONE or (wanted and visit.actor.may(wanted)):
        return
    if handler.opt.get("api"):
        if visit.actor.company_id:
            raise Forbidden("The key does not have the scope that this request needs.")
        raise KeyNeeded()
    if visit.actor.is_signed_in:
        for role in visit.actor.roles & WAY_ON.keys():
            raise SignInUnfinished(WAY_ON[role], _page_of(connection))
        raise Forbidden("Your account does not include this. If you need it, ask your Master Admin User.")
    raise await _sign_in_first(connection, handler)


class KeyNeeded(SdesError):
    """A program asks without an API key, or with one that was revoked, has expired or never was."""

    status = 401
    title = "API key needed"

    def __init__(self) -> None:
        super().__init__("Send a valid API key as Authorization: Bearer KEY. This one is missing, revoked or expired.")


class SignInUnfinished(SdesError):
    """The second factor or a password of one's own comes first (SD 2.3); `path` is where it is given, `next` where to
    go on afterwards."""

    status = 403
    title = "Finish signing in first"

    def __init__(self, path: str, next: str) -> None:
        super().__init__("Finish signing in, then go on.")
        self.path = path
        self.next = next


def _page_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The page that is asked for; empty for a form, and for a part of a page."""
    is_page = connection.scope.get("method") == "GET" and not wants_fragment(AnyRequest(connection.scope))
    return _address_of(connection) if is_page else ""


def _address_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    return connection.url.path + (f"?{connection.url.query}" if connection.url.query else "")


async def _sign_in_first(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> SignInFirst:
    expired = connection.scope["state"]["visit"].expired
    if connection.scope.get("method") == "GET":
        return SignInFirst(_address_of(connection), "ended" if expired else "")
    rescue = handler.opt.get("rescue")
    if expired and rescue and expired.may(wanted := handler.opt["permission"]) and wanted:
        request = AnyRequest(connection.scope, connection.receive, connection.send)
        rescued = await rescue(request, expired)
        return SignInFirst(rescued.next, rescued.why)
    return SignInFirst("/", "ended" if expired else "")
