"""Reads of the administration's audit log: newest first by keyset, filtered, a page or a batch at a time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from piccolo.columns.combination import WhereRaw
from piccolo.querystring import QueryString

from sdes.accounts.queries import overseer_companies
from sdes.accounts.sessions import act_for
from sdes.accounts.tables import CompanyKind, Person
from sdes.actor import Actor
from sdes.administration.access import people_of
from sdes.administration.audit.filter import AuditFilter
from sdes.administration.audit.words import AuditLine, events_of, who_did
from sdes.auditlog.access import readable_by
from sdes.auditlog.tables import AuditEntry
from sdes.kit import clock, db
from sdes.kit.paging import Cursor, cut
from sdes.permissions import Permission

PAGE_SIZE = 50
BATCH = 2000
MOST_PEOPLE = 100  # whom a typed name may stand for

# Each branch reads an index of its own in the order asked for: an OR would sort every entry there is.
_PAGE = "SELECT * FROM ({}) entries ORDER BY at {}, id {} LIMIT {}"
_BRANCH = """
(SELECT id, at, event, person_id, person_name, company_id, company_name, subject, detail FROM audit_entry
  WHERE {} AND {} {} {} ORDER BY at {}, id {} LIMIT {})
"""


@dataclass(frozen=True)
class AuditPage:
    """Entries of a page, newest first, and where its neighbours begin."""

    rows: list[AuditLine]
    previous: Cursor | None
    next: Cursor | None


async def audit_page(
    actor: Actor, asked: AuditFilter, cursor: Cursor | None = None, size: int = PAGE_SIZE
) -> AuditPage:
    """A page of what the actor may read of administration and sign-in (SD 2.4 to 2.8, 8.1).

    A company's own: all that is part of its administration. The overseers also read what any of them did, and never
    what another company does by itself.
    """
    page = cut(await _entries(actor, asked, cursor, size + 1), size, cursor)
    return AuditPage(
        [_line(row) for row in page.rows],
        *page.neighbours(_cursor),
    )


async def audit_batches(actor: Actor, asked: AuditFilter, most: int) -> AsyncIterator[list[AuditLine]]:
    """All that `audit_page` would show, newest first, at most `most` entries, in batches. Each batch is read in a
    transaction of its own, since whoever takes them may be slow."""
    cursor, left = None, most
    while left > 0:
        async with db.transaction():
            await act_for(actor.company_id)
            found = await audit_page(actor, asked, cursor, min(BATCH, left))
        yield found.rows
        left -= len(found.rows)
        cursor = found.next
        if cursor is None:
            return


async def company_history(actor: Actor, company_id: int, limit: int = 50) -> list[AuditLine]:
    """What the overseers did to a company, newest first; for the overseers. Of what an overseers' own company did, only
    what it did to itself as a company: neither sign-ins nor acts on its people."""
    overseers = await overseer_companies(CompanyKind.PROVIDER, CompanyKind.CODE_MANAGER)
    where = QueryString(
        "about_company = {} AND company_id = ANY ({}) AND (company_id <> about_company OR event = ANY ({}))",
        company_id,
        overseers,
        events_of("companies"),
    )
    branch = _branch(actor, where, QueryString(""), QueryString(""), "DESC", limit)
    found = await AuditEntry.raw(_PAGE, branch, QueryString("DESC"), QueryString("DESC"), limit)
    return [_line(row) for row in found]


async def _entries(actor: Actor, asked: AuditFilter, cursor: Cursor | None, limit: int) -> list[dict[str, Any]]:
    way = "ASC" if cursor and cursor.is_before else "DESC"
    narrowed = await _narrowed(actor, asked)
    beyond = _beyond(cursor)
    branches = [_branch(actor, where, narrowed, beyond, way, limit) for where in await _wheres(actor)]
    united = QueryString(" UNION ALL ".join(["{}"] * len(branches)), *branches)
    return list(await AuditEntry.raw(_PAGE, united, QueryString(way), QueryString(way), limit))


async def _wheres(actor: Actor) -> list[QueryString]:
    """Disjoint parts of the log which together hold what the actor may read."""
    own = QueryString("about_company = {}", actor.company_id)
    if not actor.may(Permission.COMPANY_VIEW):
        return [own]
    overseers = await overseer_companies(CompanyKind.PROVIDER, CompanyKind.CODE_MANAGER)
    others = "company_id = {} AND about_company IS NOT NULL AND about_company <> {}"
    return [own, *(QueryString(others, company, actor.company_id) for company in overseers)]


def _branch(
    actor: Actor, where: QueryString, narrowed: QueryString, beyond: QueryString, way: str, limit: int
) -> QueryString:
    order = QueryString(way)
    return QueryString(_BRANCH, readable_by(actor).querystring, where, narrowed, beyond, order, order, limit)


async def _narrowed(actor: Actor, asked: AuditFilter) -> QueryString:
    parts: list[QueryString] = []
    if asked.first:
        parts.append(QueryString("at >= {}", _midnight(asked.first)))
    if asked.last and asked.last < date.max:
        parts.append(QueryString("at < {}", _midnight(asked.last + timedelta(days=1))))
    if asked.group:
        parts.append(QueryString("event = ANY ({})", events_of(asked.group)))
    if asked.text:
        parts.append(QueryString("strpos(lower(detail), lower({})) > 0", asked.text))
    if asked.person:
        parts.append(await _by_or_about(actor, asked.person))
    return QueryString("".join(" AND {}" for _ in parts), *parts)


async def _by_or_about(actor: Actor, name: str) -> QueryString:
    """Entries by or about a person: by number where the company knows who is meant, else as the entry names them."""
    known = WhereRaw("strpos(lower(name || ' ' || email), lower({})) > 0", name)
    rows = await Person.select(Person.id).where(people_of(actor) & known).order_by(Person.id).limit(MOST_PEOPLE)
    ids = [row["id"] for row in rows]
    return QueryString(
        "(person_id = ANY ({}) OR subject = ANY ({}) OR strpos(lower(person_name), lower({})) > 0"
        " OR subject LIKE 'person %' AND strpos(lower(detail), lower({})) > 0)",
        ids,
        [f"person {person}" for person in ids],
        name,
        name,
    )


def _beyond(cursor: Cursor | None) -> QueryString:
    if cursor is None or not isinstance(cursor.value, str):
        return QueryString("")
    try:
        moment = datetime.fromisoformat(cursor.value).astimezone(UTC)
    except (ValueError, OverflowError):
        return QueryString("")
    return QueryString(f"AND (at, id) {'>' if cursor.is_before else '<'} ({{}}, {{}})", moment, cursor.id)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.LONDON)


def _cursor(row: dict[str, Any], is_before: bool) -> Cursor:
    return Cursor(row["at"].isoformat(), row["id"], is_before)


def _line(row: dict[str, Any]) -> AuditLine:
    return AuditLine(
        row["id"],
        clock.local(row["at"]),
        row["event"],
        who_did(row["event"], row["person_name"]),
        row["company_name"],
        row["subject"],
        row["detail"],
    )
