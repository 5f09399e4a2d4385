"""The communication list (SD 11.1(a)): one page of rows by keyset, and the counts beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.kit import clock
from sdes.kit.paging import Cursor, cut
from sdes.sdep.access import visible_to
from sdes.sdep.due import due_view
from sdes.sdep.retention import archives_at, deletes_at
from sdes.sdep.tables import CommunicationParty
from sdes.sdep.views import Row
from sdes.workingdays.queries import calendar

# What a list may be sorted by: the SQL, and how its value is read back from a cursor.
SORTS: dict[str, tuple[str, type]] = {
    "last_message": ("p.last_message_at", datetime),
    "created": ("p.created_at", datetime),
    "archives": ("p.last_message_at", datetime),
    "subject": ("lower(c.subject)", str),
    "level": ("c.level", int),
    "direction": ("p.last_direction", str),
    "owner": ("coalesce(lower(o.name), '')", str),
}

_PAGE = """
SELECT p.communication AS id, c.reference, c.subject, x.name AS other_company, t.title, t.contact_type, c.message_count,
       p.created_at, p.last_message_at, p.archived_at, c.level, c.max_level, p.last_direction, o.id AS owner_id,
       o.name AS owner,
       p.last_received > coalesce(r.number, 0) AS is_unread, p.last_received > p.last_read AS is_unread_by_company,
       p.alert, p.due_at, p.is_due_from_us, c.rules -> 'levels' -> (c.level - 1) ->> 'unit' AS response_unit,
       {} AS sort_value,
       (SELECT array_agg(a.name ORDER BY m.id) FROM message_attachment m JOIN attachment a ON a.id = m.attachment
         WHERE m.communication = p.communication) AS files
  FROM communication_party p
  JOIN communication c ON c.id = p.communication
  JOIN company x ON x.id = p.other_company
  JOIN process_type t ON t.id = p.process_type
  LEFT JOIN person o ON o.id = p.owner
  LEFT JOIN reading r ON r.communication = p.communication AND r.person = {}
 WHERE {} AND p.archived_at IS {} {}
 ORDER BY {} LIMIT {}
"""

# Two halves, each over an index of its own that holds the condition: one pass with FILTERs would read every row.
_COUNTS = """
SELECT t.title, sum(n.active)::int AS active, sum(n.archived_unread)::int AS archived_unread
  FROM (SELECT p.process_type, count(*) AS active, 0 AS archived_unread
          FROM communication_party p WHERE {} AND p.archived_at IS NULL GROUP BY p.process_type
        UNION ALL
        SELECT p.process_type, 0, count(*)
          FROM communication_party p WHERE {} AND p.archived_at IS NOT NULL AND p.last_received > p.last_read
         GROUP BY p.process_type) n
  JOIN process_type t ON t.id = n.process_type
 GROUP BY t.title ORDER BY t.title
"""


@dataclass(frozen=True)
class Order:
    """How a list is sorted."""

    key: str = "last_message"
    descending: bool = True

    @classmethod
    def read(cls, key: str | None, direction: str | None) -> "Order":
        """The order that a URL asks for; what is no order is the usual one: latest message first."""
        known = key if key in SORTS else "last_message"
        return cls(known, direction != "up") if direction in ("up", "down") else cls(known, known not in _UP_FIRST)


MOST_LEVELS = 100  # beyond it a number in a cursor is nonsense
_UP_FIRST = ("subject", "owner", "archives")


@dataclass(frozen=True)
class Page:
    """Rows of a page in the order asked for, and where its neighbours begin."""

    rows: list[Row]
    previous: Cursor | None
    next: Cursor | None


@dataclass(frozen=True)
class Counts:
    """What stands beside the list: active ones, unread archived ones (SD 14.3), active ones by process."""

    active: int
    archived_unread: int
    processes: list[tuple[str, int]]


async def page_of(actor: Actor, folder: str, order: Order, cursor: Cursor | None, size: int) -> Page:
    """One page of what exists for the actor in `folder` ("active" or "archive"); page 400 costs what page 1 does."""
    expression, kind = SORTS[order.key]
    backwards = bool(cursor and cursor.is_before)
    falling = order.descending != backwards
    way = "DESC" if falling else "ASC"
    found = await CommunicationParty.raw(
        _PAGE,
        QueryString(expression),
        actor.person_id,
        visible_to(actor).querystring,
        QueryString("NULL" if folder == "active" else "NOT NULL"),
        _beyond(expression, kind, cursor, falling),
        QueryString(f"{expression} {way}, p.communication {way}"),
        size + 1,
    )
    page = cut(found, size, cursor)
    days = await calendar()
    return Page(
        [_row(actor, row, days) for row in page.rows],
        _cursor(page.rows[0], is_before=True) if page.has_previous else None,
        _cursor(page.rows[-1], is_before=False) if page.has_next else None,
    )


async def counts(actor: Actor) -> Counts:
    """The counts beside the list, in one query that reads two small indexes and no row."""
    mine = visible_to(actor).querystring
    found = await CommunicationParty.raw(_COUNTS, mine, mine)
    return Counts(
        sum(row["active"] for row in found),
        sum(row["archived_unread"] for row in found),
        [(row["title"], row["active"]) for row in found if row["active"]],
    )


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


def _cursor(row: dict[str, Any], *, is_before: bool) -> Cursor:
    value = row["sort_value"]
    return Cursor(value.isoformat() if isinstance(value, datetime) else value, row["id"], is_before)


def _row(actor: Actor, row: dict[str, Any], days: Any) -> Row:
    last = clock.local(row["last_message_at"])
    archived = row["archived_at"]
    files: Sequence[str] = row["files"] or ()
    unit, is_ours = row["response_unit"], row["is_due_from_us"]
    return Row(
        reference=row["reference"],
        subject=row["subject"],
        other_company=row["other_company"],
        process_title=f"{row['title']} - {row['contact_type']}",
        files=list(files),
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
