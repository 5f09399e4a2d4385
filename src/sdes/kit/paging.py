"""Keyset paging: a page is found from the values of its first or last row, so page 400 costs what page 1 costs; and the
addresses that lead on from a page of a sorted list."""

import json
from abc import ABC, abstractmethod
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, Self, TypeVar

BIGGEST = 2**63  # what a database's id stays below


@dataclass(frozen=True)
class Cursor:
    """A place in a sorted list: the sort value and the id of a row, and whether the page lies after or before it."""

    value: Any
    id: int
    is_before: bool = False

    def __str__(self) -> str:
        words = json.dumps([self.value, self.id, self.is_before], default=str).encode()
        return urlsafe_b64encode(words).decode().rstrip("=")

    @classmethod
    def read(cls, text: str | None) -> "Cursor | None":
        """The cursor that a URL carries; a broken one is the first page."""
        if not text:
            return None
        try:
            value, row, is_before = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (NotBase64, ValueError, TypeError, RecursionError):
            return None
        if not isinstance(row, int) or isinstance(row, bool) or not isinstance(value, str | int | None):
            return None
        if not -BIGGEST <= row < BIGGEST or (isinstance(value, str) and not _is_storable(value)):
            return None
        return cls(value, row, bool(is_before))


@dataclass(frozen=True)
class Cut:
    """The rows of one page in the order of the list, and whether there are more before and after them."""

    rows: list[dict[str, Any]]
    has_previous: bool
    has_next: bool

    def neighbours(self, place: Callable[[dict[str, Any], bool], Cursor]) -> tuple[Cursor | None, Cursor | None]:
        """Where the pages before and after begin, if there are such; `place` makes a cursor of a row, and of whether
        the page lies before it."""
        return (
            place(self.rows[0], True) if self.has_previous else None,
            place(self.rows[-1], False) if self.has_next else None,
        )


@dataclass(frozen=True)
class SortOrder:
    """How a list is sorted; each list has its own keys."""

    key: str
    descending: bool

    @classmethod
    def read(cls, key: str | None, direction: str | None) -> Self:
        """The order that an address asks for; the way round is the key's usual one where no direction is given."""
        raise NotImplementedError

    def by(self, key: str) -> Self:
        """The order by `key`; of the present one, the other way round."""
        return replace(self, descending=not self.descending) if key == self.key else self.read(key, None)


class Neighboured(Protocol):
    """A page that knows where its neighbours begin."""

    @property
    def previous(self) -> Cursor | None: ...
    @property
    def next(self) -> Cursor | None: ...


Order = TypeVar("Order", bound=SortOrder)
Page = TypeVar("Page", bound=Neighboured)


class SortedPage(ABC, Generic[Order, Page]):
    """A page of a sorted list with the addresses of its neighbours and of its other orders, as heads and pager draw
    them."""

    order: Order
    page: Page

    @abstractmethod
    def address(self, order: Order, cursor: Cursor | None = None) -> str:
        """Where the same list is, in that order, from that place on."""

    @property
    def sort(self) -> str:
        return self.order.key

    @property
    def descending(self) -> bool:
        return self.order.descending

    @property
    def first_href(self) -> str:
        return self.address(self.order)

    @property
    def previous_href(self) -> str | None:
        return self.address(self.order, self.page.previous) if self.page.previous else None

    @property
    def next_href(self) -> str | None:
        return self.address(self.order, self.page.next) if self.page.next else None

    def sort_href(self, key: str) -> str:
        """The same list by `key`; by the present one, the other way round."""
        return self.address(self.order.by(key))


def cut(found: list[dict[str, Any]], size: int, cursor: Cursor | None) -> Cut:
    """A page of `size` rows out of what was found from `cursor` on: up to one row more, which tells whether the list
    goes on, and away from the cursor, so that what lies before it comes in reverse."""
    backwards = bool(cursor and cursor.is_before)
    goes_on, rows = len(found) > size, found[:size]
    if backwards:
        rows.reverse()
    has_previous = bool(rows) and cursor is not None and (goes_on or not backwards)
    return Cut(rows, has_previous, bool(rows) and (goes_on or backwards))


def _is_storable(text: str) -> bool:
    """Whether a database can be asked for `text`: no NUL in it, and no half of a character."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
