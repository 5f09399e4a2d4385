"""The bell of a page: what it shows, as the request began or counted again in it, and the mark by which a poll asks."""

from typing import Any

from litestar import Request

from sdes.accounts.entrance import actor_of, visit_of
from sdes.accounts.sessions import Bell
from sdes.kit.numbers import whole_number
from sdes.notifications import queries
from sdes.permissions import Permission

STATE = "bell"


def bell_words(request: Request[Any, Any, Any]) -> dict[str, Any] | None:
    """What the bell of this request's page shows; None for whoever is never told anything."""
    if not actor_of(request).may(Permission.NOTIFICATION_OWN):
        return None
    bell: Bell = request.scope["state"].get(STATE) or visit_of(request).bell
    return {"unread": bell.unread, "newest": bell.newest, "mark": mark_of(bell), "badge": _at_most(bell.unread)}


async def count_again(request: Request[Any, Any, Any]) -> None:
    """Has the page show the bell as it is now: the actor has read something in this request."""
    if visit_of(request).bell.unread:
        request.scope["state"][STATE] = await queries.bell(actor_of(request))


def mark_of(bell: Bell) -> str:
    """What a page tells of the bell that it shows."""
    return f"{bell.unread}.{bell.newest}"


def newest_of(mark: str) -> int | None:
    """The newest notification that a page with this mark shows; None for what is no mark."""
    unread, _, newest = mark.partition(".")
    return None if whole_number(unread, 18) is None else whole_number(newest, 18)


def _at_most(unread: int) -> str:
    return "99+" if unread > 99 else str(unread)
