"""Keyset paging: a page is found from the values of its first or last row, so page 400 costs what page 1 costs."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
