"""The communication list (SD 11.1(a)): one page of rows by keyset."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.catalogue.views import process_title
from sdes.kit import clock, db
from sdes.kit.kept import Made
from sdes.kit.paging import Cursor, SortOrder, cut
from sdes.sdep.due import due_view
from sdes.sdep.retention import archives_at, deletes_at
from sdes.sdep.tables import CommunicationParty
from sdes.sdep.views import Row
from sdes.workingdays.calendar import WorkingCalendar
from sdes.workingdays.queries import calendar

# What a list may be sorted by: the SQL, and how its value is read back from a cursor.
SORTS: dict[str, tuple[str, type]] = {
    "last_message": ("p.last_message_at", datetime),
    "created": ("p.created_at", datetime),
    "archives": ("p.last_message_at", datetime),
    "subject": ("lower(c.subject)", str),
    "level": ("p.level", int),
    "direction": ("p.last_direction", str),
    "owner": ("coalesce(lower(o.name), '')", str),
    "due": ("coalesce(p.due_at, '9000-01-01T00:00:00Z'::timestamptz)", datetime),
}
# Where no response is due, the row comes last whichever way the list runs.
_DUE_LAST_FIRST = "coalesce(p.due_at, '1000-01-01T00:00:00Z'::timestamptz)"

# The page's place in the order is found among party rows alone, and its rows are then read by their ids: one statement
# of everything is planned anew each time, and for longer than it runs.
_PLACE = """
SELECT p.communication AS id, {} AS sort_value FROM communication_party p {} WHERE {} {} ORDER BY {} LIMIT {}
"""
# By what only the communication itself knows: each is looked up, behind its policy, so that no more of them are sorted
# than can be looked up in time (0.05 s; all 200,000 of the largest company took 1.1 s).
MOST_SORTED = 10_000
_PLACE_AMONG_NEWEST = """
WITH p AS MATERIALIZED (
    SELECT p.communication FROM communication_party p WHERE {}
     ORDER BY p.last_message_at DESC, p.communication DESC LIMIT {})
SELECT p.communication AS id, {} AS sort_value, (SELECT count(*) FROM p) AS among
  FROM p JOIN communication c ON c.id = p.communication WHERE true {} ORDER BY {} LIMIT {}
"""
_ROWS = """
SELECT p.communication AS id, c.reference, c.subject, x.name AS other_company, t.title, t.contact_type, c.message_count,
       p.created_at, p.last_message_at, p.archived_at, c.level, c.max_level, p.last_direction, o.id AS owner_id,
       o.name AS owner,
       p.last_received > coalesce(r.number, 0) AS is_unread, p.last_received > p.last_read AS is_unread_by_company,
       p.alert, p.due_at, p.is_due_from_us, c.rules -> 'levels' -> (c.level - 1) ->> 'unit' AS response_unit,
       (SELECT json_agg(a.name ORDER BY m.id)::text FROM message_attachment m JOIN attachment a ON a.id = m.attachment
         WHERE m.communication = p.communication) AS files
  FROM communication_party p
  JOIN communication c ON c.id = p.communication
  JOIN company x ON x.id = p.other_company
  JOIN process_type t ON t.id = p.process_type
  LEFT JOIN person o ON o.id = p.owner
  LEFT JOIN reading r ON r.communication = p.communication AND r.person = $3
 WHERE p.communication = ANY ($1) AND p.company = $2
"""
# A row says the same to whoever has read as much of it, until the minute is over.
KEPT_ROWS: Made[tuple[Any, int, int], Row] = Made(60, most=8192)
_JOINS = {"owner": "LEFT JOIN person o ON o.id = p.owner"}


@dataclass(frozen=True)
class Order(SortOrder):
    """How a list is sorted."""

    key: str = "last_message"
    descending: bool = True

    @classmethod
    def read(cls, key: str | None, direction: str | None) -> "Order":
        """The order that a URL asks for; what is no order is the usual one: latest message first."""
        key, _, way = (key or "").partition("-")
        direction = way or direction
        known = key if key in SORTS else "last_message"
        return cls(known, direction != "up") if direction in ("up", "down") else cls(known, known not in _UP_FIRST)

    @property
    def expression(self) -> str:
        """The SQL of what is sorted by."""
        return _DUE_LAST_FIRST if self.key == "due" and self.descending else SORTS[self.key][0]

    @property
    def is_first_way(self) -> bool:
        """Whether it runs the way in which a list so sorted is first shown."""
        return self == Order.read(self.key, None)

    def words(self) -> dict[str, str]:
        """The parameters of an address; none for the usual order."""
        if self == Order():
            return {}
        return {"sort": self.key} if self.is_first_way else {"sort": self.key, "direction": self._way}

    @property
    def value(self) -> str:
        """The order in one word, which `read` takes as well."""
        return self.key if self.is_first_way else f"{self.key}-{self._way}"

    @property
    def _way(self) -> str:
        return "down" if self.descending else "up"


MOST_LEVELS = 100  # beyond it a number in a cursor is nonsense
_UP_FIRST = ("subject", "owner", "archives", "due")


@dataclass(frozen=True)
class Page:
    """Rows of a page in the order asked for, and where its neighbours begin. `sorted_among`: only so many, those
    with the latest messages, were sorted; 0 for all."""

    rows: list[Row]
    previous: Cursor | None
    next: Cursor | None
    sorted_among: int = 0


async def page_of(actor: Actor, where: QueryString, order: Order, cursor: Cursor | None, size: int) -> Page:
    """One page of the rows `where` (see `queries/filters.py`); page 400 costs what page 1 does."""
    expression, kind = order.expression, SORTS[order.key][1]
    backwards = bool(cursor and cursor.is_before)
    falling = order.descending != backwards
    way = "DESC" if falling else "ASC"
    value = QueryString(expression)
    rest = (
        _beyond(expression, kind, cursor, falling),
        QueryString(f"{expression} {way}, p.communication {way}"),
        size + 1,
    )
    if order.key == "subject":
        found = await CommunicationParty.raw(_PLACE_AMONG_NEWEST, where, MOST_SORTED, value, *rest)
    else:
        found = await CommunicationParty.raw(_PLACE, value, QueryString(_JOINS.get(order.key, "")), where, *rest)
    page = cut(found, size, cursor)
    among = found[0].get("among", 0) if found else 0
    rows = await _rows(actor, [row["id"] for row in page.rows])
    return Page(rows, *page.neighbours(_cursor), among if among == MOST_SORTED else 0)


async def _rows(actor: Actor, ids: Sequence[int]) -> list[Row]:
    """The rows of those communications, in that order."""
    found = {row["id"]: row for row in await db.fetch(_ROWS, ids, actor.company_id, actor.person_id)} if ids else {}
    days, minute = await calendar(), int(clock.now().timestamp()) // 60
    return [
        KEPT_ROWS.value((row, minute, days.mark), partial(_row, row, days))
        for one in ids
        if (row := found.get(one)) is not None
    ]


def _beyond(expression: str, kind: type, cursor: Cursor | None, falling: bool) -> QueryString:
    value = _value(kind, cursor)
    if cursor is None or value is None:
        return QueryString("")
    return QueryString(f"AND ({expression}, p.communication) {'<' if falling else '>'} ({{}}, {{}})", value, cursor.id)


def _value(kind: type, cursor: Cursor | None) -> Any:
    if cursor is None:
        return None
    try:
        if kind is datetime:
            return datetime.fromisoformat(cursor.value).astimezone(UTC)
        value = kind(cursor.value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if kind is int and abs(value) > MOST_LEVELS else value


def _cursor(row: dict[str, Any], is_before: bool) -> Cursor:
    value = row["sort_value"]
    return Cursor(value.isoformat() if isinstance(value, datetime) else value, row["id"], is_before)


def _row(row: Any, days: WorkingCalendar) -> Row:
    last = clock.local(row["last_message_at"])
    archived = row["archived_at"]
    unit, is_ours = row["response_unit"], row["is_due_from_us"]
    return Row(
        reference=row["reference"],
        subject=row["subject"],
        other_company=row["other_company"],
        process_title=process_title(row["title"], row["contact_type"]),
        files=tuple(json.loads(row["files"] or "[]")),
        created_at=clock.local(row["created_at"]),
        last_message_at=last,
        message_count=row["message_count"],
        archives_at=clock.local(archived) if archived else archives_at(last),
        deletes_at=deletes_at(clock.local(archived)) if archived else None,
        level=row["level"],
        max_level=row["max_level"],
        direction=row["last_direction"],
        owner=row["owner"],
        owner_id=row["owner_id"],
        is_unread=row["is_unread"],
        is_unread_by_company=row["is_unread_by_company"],
        due=None if archived else due_view(days, row["due_at"], unit, row["other_company"], is_ours=is_ours),
        alert=row["alert"],
    )
