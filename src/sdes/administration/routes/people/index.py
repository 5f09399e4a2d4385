"""The Maintain Assigned Users List: who is on it, and whom an administrator adds (SD 2.6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get

from sdes.accounts.entrance import AnyRequest, actor_of, visit_of
from sdes.accounts.functions import SystemFunction
from sdes.administration.queries.listing import Filters, Order, Page, gaps, page_of
from sdes.administration.queries.people import assignable
from sdes.administration.routes.people.told import was_deleted
from sdes.administration.views.people import Gaps, PersonView
from sdes.administration.words import titles
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView
from sdes.kit.forms import without_control_characters
from sdes.kit.paging import Cursor, SortedPage
from sdes.kit.rendering import listing
from sdes.permissions import Permission

ROOT = "/users"
STATES = (
    ("active", "Active"),
    ("waiting", "Waiting for first sign-in"),
    ("suspended", "Suspended"),
    ("deletion", "About to be deleted"),
)
HELD = (("only", "Only user of a use case"), ("none", "In no use case"))
MOST_SEARCHED = 200  # characters


@dataclass(frozen=True)
class Listing(SortedPage[Order, Page]):
    """A page of the list."""

    filters: Filters
    order: Order
    page: Page
    gaps: Gaps

    @property
    def rows(self) -> list[PersonView]:
        return self.page.rows

    @property
    def is_filtered(self) -> bool:
        return self.filters != Filters()

    def address(self, order: Order, cursor: Cursor | None = None) -> str:
        return href(self.filters, order, cursor)


@get(ROOT, name="administration.people", opt={"permission": Permission.PERSON_MANAGE})
async def index(request: AnyRequest) -> Response[Any]:
    """The list, searched and filtered."""
    actor = actor_of(request)
    catalogue, allowed = await assignable(actor)
    asked = request.query_params
    filters = _filters(asked, allowed)
    order = Order.read(asked.get("sort"), asked.get("direction"))
    cursor = Cursor.read(asked.get("page"))
    found = await gaps(actor)
    size = visit_of(request).display.page_size
    made = Listing(filters, order, await page_of(actor, filters, order, cursor, found, size), found)
    answer = listing(
        request,
        "templates/administration/people.html",
        "partials/administration/people.html",
        listing=made,
        section="people",
        labels={one.value: one.label for one in SystemFunction},
        choices=_choices(catalogue, allowed),
        stood_in=titles(catalogue, set(found.stood_in) & set(allowed)),
        deleted=await was_deleted(actor, asked.get("deleted", "")),
    )
    answer.headers["HX-Push-Url"] = href(filters, order, cursor)
    return answer


def _filters(asked: Mapping[str, str], allowed: list[UseCase]) -> Filters:
    """What the address asks for; what is no choice of the form is no filter."""
    text = " ".join(without_control_characters(asked.get("q", "")).split())[:MOST_SEARCHED]
    state, function, held = asked.get("state", ""), asked.get("function", ""), asked.get("held", "")
    found = re.fullmatch(r"([0-9]{1,9})\.([0-9]{1,2})", asked.get("use_case", ""))
    case = (int(found[1]), int(found[2])) if found else None
    return Filters(
        text,
        state if state in dict(STATES) else "",
        function if function in list(SystemFunction) else "",
        case if case in allowed else None,
        held if held in dict(HELD) else "",
    )


def _choices(catalogue: list[ProcessTypeView], allowed: list[UseCase]) -> dict[str, Any]:
    """The options of the filters."""
    cases = [
        (
            process.full_title,
            [(f"{process.id}.{level.number}", f"Level {level.number}: {level.name}") for level in process.levels],
        )
        for process in catalogue
        if any(process.id == one for one, _ in allowed)
    ]
    return {
        "states": STATES,
        "held": HELD,
        "functions": [(one.value, one.label) for one in SystemFunction],
        "use_cases": cases,
    }


def href(filters: Filters, order: Order, cursor: Cursor | None = None) -> str:
    """The canonical address of a page of the list: what is usual is left out."""
    usual = Order.read(order.key, "") == order
    words = {
        "q": filters.text,
        "state": filters.state,
        "function": filters.function,
        "use_case": "{}.{}".format(*filters.use_case) if filters.use_case else "",
        "held": filters.held,
        "sort": order.key if order != Order() else "",
        "direction": "" if usual else "down" if order.descending else "up",
        "page": str(cursor) if cursor else "",
    }
    query = urlencode({name: value for name, value in words.items() if value})
    return f"{ROOT}?{query}" if query else ROOT
