"""The list of communications as a page: what its address asks for, and the addresses that lead on from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from sdes.accounts.entrance import AnyRequest, actor_of, visit_of
from sdes.actor import Actor
from sdes.kit.errors import NotFound
from sdes.kit.numbers import whole_number
from sdes.kit.paging import Cursor, SortedPage
from sdes.kit.rendering import Pairs, listing, pairs, wants_fragment
from sdes.sdep.filters import (
    ACTIVE,
    ARCHIVE,
    DUES,
    Asked,
    Filters,
    SavedFilterView,
    href,
    read_filters,
    whole_reference,
)
from sdes.sdep.queries import lists
from sdes.sdep.queries.choices import Choices, choices
from sdes.sdep.queries.counts import count_up_to
from sdes.sdep.queries.filters import Narrowed, narrowed
from sdes.sdep.queries.saved_filters import saved_filter
from sdes.sdep.queries.searching import searched, tagged
from sdes.sdep.routes.side import FOLDERS, side_words
from sdes.sdep.ticks import from_address
from sdes.sdep.views import Row

SORTS = {
    "last_message": "Last message",
    "due": "Response due",
    "created": "Created",
    "archives": "Archive date",
    "subject": "Subject",
    "level": "Level",
    "direction": "Last sent",
    "owner": "Owner",
}


MOST_ELSEWHERE = 100  # more are told as "99+"


@dataclass(frozen=True)
class Listing(SortedPage[lists.Order, lists.Page]):
    """A page of the list, with its addresses without each filter."""

    narrowed: Narrowed
    order: lists.Order
    page: lists.Page
    typed: str
    saved: SavedFilterView | None = None
    cursor: Cursor | None = None
    ticked: frozenset[str] = frozenset()  # references
    elsewhere: int | None = None  # what the same search finds in the archive, or from there in what is active

    @property
    def filters(self) -> Filters:
        return self.narrowed.filters

    @property
    def folder(self) -> str:
        return self.filters.folder

    @property
    def title(self) -> str:
        return self.saved.name if self.saved else FOLDERS[self.folder][2]

    @property
    def rows(self) -> list[Row]:
        return self.page.rows

    @property
    def sorts(self) -> list[tuple[str, str]]:
        """The orders to choose from; the present one the other way round is one of them."""
        ways = list(SORTS.items())
        if not self.order.is_first_way:
            ways.append((self.order.value, f"{SORTS[self.order.key]}, reversed"))
        return ways

    @property
    def dues(self) -> Pairs:
        """What may be chosen of when and from whom a response is due."""
        return pairs(DUES.items())

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        """Each filter: what it is called, its value, and the address of the list without it."""
        return [(chip.label, chip.value, self._href(self.filters.without(chip.name))) for chip in self.narrowed.chips]

    @property
    def query(self) -> str:
        """What follows the question mark: what a saved filter keeps."""
        return urlencode(self._words(self.filters))

    @property
    def save_href(self) -> str:
        return f"/sdep/filters/new{f'?{self.query}' if self.query else ''}"

    @property
    def here_href(self) -> str:
        """This very page."""
        return self.address(self.order, self.cursor)

    @property
    def clear_href(self) -> str:
        return self._href(Filters(self.folder))

    @property
    def elsewhere_href(self) -> str | None:
        """The same search in the archive; from there, in all that is active."""
        return self._href(_other_place(self.filters)) if self.filters.q else None

    @property
    def elsewhere_text(self) -> str:
        """How many it finds there, in words; empty where none, or they are not counted."""
        if not self.elsewhere:
            return ""
        number = f"{MOST_ELSEWHERE - 1}+" if self.elsewhere >= MOST_ELSEWHERE else str(self.elsewhere)
        return f"{number}{' more' if self.rows else ''} in {'active' if self.folder == ARCHIVE else 'the archive'}"

    @property
    def why_none(self) -> str:
        """Why a search finds nothing here."""
        if reference := whole_reference(self.filters.q):
            return f"There is no communication {reference} among yours."
        others = " The other filters narrow the list, too." if len(self.narrowed.chips) > 1 else ""
        return f"No subject, message text, tag or data item here has the words “{self.filters.q}”.{others}"

    def address(self, order: lists.Order, cursor: Cursor | None = None) -> str:
        return href({**self.filters.words(), **order.words(), **({"page": str(cursor)} if cursor else {})})

    def _words(self, filters: Filters) -> dict[str, str]:
        return {**filters.words(), **self.order.words()}

    def _href(self, filters: Filters) -> str:
        return href(self._words(filters))


async def list_page(request: AnyRequest) -> Response[Any]:
    """The list that the request's address asks for, with its canonical address for the browser's history."""
    actor, params = actor_of(request), request.query_params
    asked = read_filters(params)
    offered = await choices(actor, asked.filters, all_people=not wants_fragment(request))
    found = await narrow(actor, asked, offered)
    order = lists.Order.read(params.get("sort"), params.get("direction"))
    cursor = Cursor.read(params.get("page"))
    page = await lists.page_of(actor, found.where, order, cursor, visit_of(request).display.page_size)
    saved = await _saved(actor, params)
    ticked = from_address(params.get("ticked", ""))
    elsewhere = await _elsewhere(actor, found, offered)
    made = Listing(found, order, page, asked.typed, saved, cursor, ticked, elsewhere)
    words: dict[str, Any] = {"listing": made}
    if not wants_fragment(request):
        process = found.filters.process if found.filters == Filters(process=found.filters.process) else ""
        words |= {"choices": offered, **await side_words(actor, made.folder, process, saved.id if saved else 0)}
    answer = listing(request, "templates/sdep/list.html", "partials/sdep/results.html", **words)
    if wants_fragment(request):
        answer.headers["HX-Push-Url"] = made.here_href
    return answer


async def narrow(actor: Actor, asked: Asked, offered: Choices) -> Narrowed:
    """The list that is asked for, as the actor may see it; what cannot be searched for is told."""
    clauses, is_walked = [], False
    if asked.filters.q:
        search = await searched(actor, asked.filters.q)
        if search.clause is None:
            asked = Asked(asked.filters.without("q"), asked.typed, [*asked.problems, search.problem])
        else:
            clauses.append(search.clause)
            is_walked = search.is_walked
    if asked.filters.tag and (clause := await tagged(actor, asked.filters.tag)) is not None:
        clauses.append(clause)
    return replace(narrowed(actor, asked, offered, clauses), is_walked=is_walked)


async def _elsewhere(actor: Actor, found: Narrowed, offered: Choices) -> int | None:
    """How many the same search finds in the other place, at most `MOST_ELSEWHERE`; None for what is not counted: no
    search, or one that finds too much for it to be cheap."""
    if not found.filters.q or found.is_walked:
        return None
    there = narrowed(actor, Asked(_other_place(found.filters)), offered, found.searches)
    return await count_up_to(actor, there.where, MOST_ELSEWHERE)


def _other_place(filters: Filters) -> Filters:
    """The archive; from there, all that is active. Nothing is due in the archive."""
    is_archive = filters.folder == ARCHIVE
    return replace(filters, folder=ACTIVE if is_archive else ARCHIVE, due="")


async def _saved(actor: Actor, params: Mapping[str, str]) -> SavedFilterView | None:
    """The saved filter that the address says it is, if there is such a one."""
    number = whole_number(params.get("saved"), 18)
    if number is None:
        return None
    try:
        return await saved_filter(actor, number)
    except NotFound:
        return None
