"""What programs ask for, out of an address: since when, and from which place on."""

from datetime import datetime
from typing import Annotated

from litestar.params import QueryParameter

from sdes.catalogue.dates import YEARS
from sdes.kit.paging import Cursor
from sdes.kit.problems import NotValid
from sdes.permissions import Permission
from sdes.sdep.since import read_since

READ = {"permission": Permission.API_COMMUNICATIONS_READ, "api": True}
MOST = 500  # on a page

MOMENT = "A time with its offset (2026-11-03T10:00:00Z), or a date, which begins at midnight in London"
Limit = Annotated[int, QueryParameter(ge=1, le=MOST, required=False)]
CursorText = Annotated[str, QueryParameter(max_length=200, required=False, description="From `next_cursor`")]


def moment(name: str, text: str) -> datetime | None:
    """The moment that the parameter `name` says, None where it is empty; refuses (422) what is none."""
    at, error = read_since(text)
    if error:
        raise NotValid(**{name: error})
    return at


def place(text: str) -> Cursor | None:
    """Where the page before ended, None for the first page; refuses (422) what we have not given."""
    cursor = Cursor.read(text)
    if text and not (cursor and cursor.id >= 0 and _is_moment(cursor.value)):
        raise NotValid(cursor="This is no cursor of ours. Begin without one")
    return cursor


def _is_moment(value: object) -> bool:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return False
    return at is not None and at.tzinfo is not None and at.year in YEARS
