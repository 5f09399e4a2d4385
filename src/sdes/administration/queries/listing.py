"""The Maintain Assigned Users List a page at a time (SD 2.6), filtered and sorted by the database."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from piccolo.querystring import QueryString

from sdes.accounts.tables import Assignment, Person
from sdes.actor import Actor
from sdes.administration.access import people_of
from sdes.administration.inactivity import LASTS, REMINDERS
from sdes.administration.queries.people import with_use_cases
from sdes.administration.views.people import Gaps, PersonView
from sdes.catalogue.rules import UseCase
from sdes.kit import clock
from sdes.kit.paging import Cursor, SortOrder, cut

SORTS: dict[str, tuple[str, type]] = {
    "name": ("lower(name)", str),
    "last_sign_in": ("coalesce(last_sign_in_at, 'epoch')", datetime),
}

_ABOUT_TO_BE_DELETED = (
    "NOT is_master_admin AND (greatest(created_at, last_sign_in_at, reinstated_at) AT TIME ZONE 'Europe/London')::date"
    " <= {}"
)
_STATES = {
    "active": "state = 'active'",
    "suspended": "state = 'suspended'",
    "waiting": "state = 'active' AND password_is_single_use",
}
_IN_USE_CASE = "id IN (SELECT person FROM assignment WHERE company = {} AND process_type = {} AND level = {})"
_IN_NONE = "NOT EXISTS (SELECT 1 FROM assignment a WHERE a.company = person.company AND a.person = person.id)"

_HOLDERS = """
SELECT a.process_type, a.level, count(*)::int AS n, min(a.person) AS person, bool_or(a.is_default_contact) AS stands_in
  FROM assignment a JOIN person p ON p.id = a.person AND p.company = a.company
 WHERE a.company = {} AND p.state = 'active'
 GROUP BY a.process_type, a.level
"""


@dataclass(frozen=True)
class Filters:
    """Whom to show. `state` is a key of the list's own; `use_case` and `is_only` speak of assignments."""

    text: str = ""
    state: str = ""
    function: str = ""
    use_case: UseCase | None = None
    held: str = ""  # "only": the only user of a use case; "none": in none at all


@dataclass(frozen=True)
class Order(SortOrder):
    """How the list is sorted."""

    key: str = "name"
    descending: bool = False

    @classmethod
    def read(cls, key: str | None, direction: str | None) -> "Order":
        """The order that a URL asks for; what is no order is by name."""
        known = key if key in SORTS else "name"
        return cls(known, direction == "down" if direction in ("up", "down") else known == "last_sign_in")


@dataclass(frozen=True)
class Page:
    """People in the order asked for, how many there are in all, and where the neighbouring pages begin."""

    rows: list[PersonView]
    total: int
    previous: Cursor | None
    next: Cursor | None


async def page_of(actor: Actor, filters: Filters, order: Order, cursor: Cursor | None, gaps: Gaps, size: int) -> Page:
    """One page of the actor's company's people who meet the filters."""
    where = _where(actor, filters, gaps)
    expression, kind = SORTS[order.key]
    backwards = bool(cursor and cursor.is_before)
    falling = order.descending != backwards
    way = "DESC" if falling else "ASC"
    found = await Person.raw(
        "SELECT *, {} AS sort_value FROM person WHERE {} {} ORDER BY {} LIMIT {}",
        QueryString(expression),
        where,
        _beyond(expression, kind, cursor, falling),
        QueryString(f"{expression} {way}, id {way}"),
        size + 1,
    )
    page = cut(found, size, cursor)
    (counted,) = await Person.raw("SELECT count(*)::int AS n FROM person WHERE {}", where)
    return Page(
        await with_use_cases(actor, page.rows),
        counted["n"],
        *page.neighbours(_cursor),
    )


async def gaps(actor: Actor) -> Gaps:
    """Who is the only active person of which use case, and where nobody is but the MAU who stands in (SD 2.5(b))."""
    only: dict[int, list[UseCase]] = defaultdict(list)
    stood_in = []
    for row in await Assignment.raw(_HOLDERS, actor.company_id):
        use_case = (row["process_type"], row["level"])
        if row["n"] == 1 and row["stands_in"]:
            stood_in.append(use_case)
        elif row["n"] == 1:
            only[row["person"]].append(use_case)
    return Gaps(dict(only), stood_in)


def _where(actor: Actor, filters: Filters, gaps: Gaps) -> QueryString:
    clauses = [people_of(actor).querystring]
    if filters.text:
        like = "%" + filters.text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        clauses.append(QueryString("(lower(name) LIKE {} OR email_key LIKE {})", like, like))
    if filters.state == "deletion":
        last = clock.today() - timedelta(days=LASTS - REMINDERS)
        clauses.append(QueryString(_ABOUT_TO_BE_DELETED, last))
    elif filters.state in _STATES:
        clauses.append(QueryString(_STATES[filters.state]))
    if filters.function:
        clauses.append(QueryString("{} = ANY (functions)", filters.function))
    if filters.use_case:
        clauses.append(QueryString(_IN_USE_CASE, actor.company_id, *filters.use_case))
    if filters.held == "only":
        clauses.append(QueryString("id = ANY ({})", list(gaps.only)))
    elif filters.held == "none":
        clauses.append(QueryString(_IN_NONE))
    return QueryString(" AND ".join("({})" for _ in clauses), *clauses)


def _beyond(expression: str, kind: type, cursor: Cursor | None, falling: bool) -> QueryString:
    value = _value(kind, cursor)
    if cursor is None or value is None:
        return QueryString("")
    return QueryString(f"AND ({expression}, id) {'<' if falling else '>'} ({{}}, {{}}::bigint)", value, cursor.id)


def _value(kind: type, cursor: Cursor | None) -> Any:
    if cursor is None or not isinstance(cursor.value, str):
        return None
    try:
        return datetime.fromisoformat(cursor.value).astimezone(UTC) if kind is datetime else cursor.value
    except (ValueError, OverflowError):
        return None


def _cursor(row: dict[str, Any], is_before: bool) -> Cursor:
    value = row["sort_value"]
    return Cursor(value.isoformat() if isinstance(value, datetime) else value, row["id"], is_before)
