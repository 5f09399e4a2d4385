"""One's own notifications: the list, the bell of every page, and that everything was read (SD 11.1(f))."""

import json
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery

from sdes.accounts.entrance import AnyRequest, acting, actor_of, cookie_of, visit_of
from sdes.kit.forms import read_form
from sdes.kit.paging import Cursor
from sdes.kit.rendering import go, listing, page
from sdes.notifications import actions, queries
from sdes.notifications.bell import mark_of, newest_of
from sdes.notifications.forms import newest_from
from sdes.notifications.queries import Told, ToldPage
from sdes.permissions import Permission

ROOT = "/notifications"
OWN = {"permission": Permission.NOTIFICATION_OWN}


@dataclass(frozen=True)
class Listing:
    """A page of notifications by day, with the addresses of its neighbours."""

    found: ToldPage
    first_href: str = ROOT

    @property
    def days(self) -> list[list[Told]]:
        return [list(told) for _, told in groupby(self.found.rows, key=lambda one: one.at.date())]

    @property
    def previous_href(self) -> str | None:
        return f"{ROOT}?page={self.found.previous}" if self.found.previous else None

    @property
    def next_href(self) -> str | None:
        return f"{ROOT}?page={self.found.next}" if self.found.next else None


@get(ROOT, name="notifications", opt=OWN)
async def index(request: AnyRequest) -> Response[Any]:
    """What the actor was told, newest first."""
    cursor = Cursor.read(request.query_params.get("page"))
    found = await queries.notifications(actor_of(request), cursor, visit_of(request).display.page_size)
    return listing(
        request, "templates/notifications/list.html", "partials/notifications/results.html", listing=Listing(found)
    )


@get(f"{ROOT}/bell", name="notifications.bell", opt={**OWN, "poll": True, "transaction": "own"})
async def bell(request: AnyRequest, known: FromQuery[str] = "") -> Response[Any]:
    """The bell anew, and what the page is to say of it; 204 while there is nothing else than what the page shows."""
    now = visit_of(request).bell
    if known == mark_of(now):
        return Response(None, status_code=204)
    answer = page(request, "partials/notifications/bell.html")
    before = newest_of(known)
    if before is not None and now.newest > before:
        async with acting(actor_of(request)):
            news = await queries.news(actor_of(request), before)
        if news:
            answer.headers["HX-Trigger"] = json.dumps({"sdes:news": _said_of(news)})
    return answer


@post(f"{ROOT}/reading", name="notifications.read", opt=OWN)
async def read_all(request: AnyRequest) -> Response[Any]:
    """Marks everything that the page showed as read."""
    form = await read_form(request, cookie_of(request))
    await actions.read_all(actor_of(request), newest_from(form))
    return go(request, ROOT)


def _said_of(news: list[Told]) -> dict[str, Any]:
    """The words of the message on the page: of one notification what it is, of several how many."""
    if len(news) == 1:
        return {"text": news[0].headline, "href": news[0].href, "count": 1}
    return {"text": f"{len(news)} new notifications", "href": ROOT, "count": len(news)}
