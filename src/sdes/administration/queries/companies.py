"""Reads of companies for those who look after them: the list, one company, and what the overseers did to it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from piccolo.querystring import QueryString

from sdes.accounts.tables import Company, CompanyKind, MarketParticipant
from sdes.actor import Actor
from sdes.administration.access import companies_of
from sdes.administration.views.companies import Accession, CompanyView, MasterAdminView, ParticipantView
from sdes.catalogue.roles import MarketRole
from sdes.kit import clock
from sdes.kit.errors import NotFound
from sdes.kit.paging import Cursor, cut

PAGE_SIZE = 50
BIGGEST = 2**31  # what the number of a company stays below

# What the list may be narrowed to.
FILTERS = {
    "qualified": "c.is_qualified AND c.kind = 'market'",
    "not-qualified": "NOT c.is_qualified AND c.kind = 'market'",
    "accession": "c.kind = 'market' AND num_nulls(c.applied_on, c.validated_on, c.agreement_signed_on) > 0",
    "no-master-admin": "m.person_id IS NULL",
}

_COMPANIES = """
SELECT c.id, c.name, c.kind, c.is_qualified, c.applied_on, c.validated_on, c.agreement_signed_on,
       lower(c.name) AS sort_value, m.person_id, m.name AS person_name, m.email, m.last_sign_in_at, m.people
  FROM company c LEFT JOIN sdes_master_admins() m ON m.company_id = c.id
 WHERE {} {} {} {}
 ORDER BY lower(c.name) {}, c.id {} LIMIT {}
"""


@dataclass(frozen=True)
class CompanyPage:
    """Companies of a page by name, and where its neighbours begin."""

    rows: list[CompanyView]
    previous: Cursor | None
    next: Cursor | None


async def page_of(actor: Actor, search: str = "", only: str = "", cursor: Cursor | None = None) -> CompanyPage:
    """One page of the companies that the actor looks after: whose name or MPID contains `search`, and those alone that
    `only` (a key of `FILTERS`) is true of."""
    backwards = bool(cursor and cursor.is_before)
    found = await _rows(
        actor,
        _searched(search),
        QueryString(f"AND {FILTERS[only]}" if only in FILTERS else ""),
        _beyond(cursor),
        QueryString("DESC" if backwards else "ASC"),
        PAGE_SIZE + 1,
    )
    page = cut(found, PAGE_SIZE, cursor)
    return CompanyPage(
        await _views(actor, page.rows),
        *page.neighbours(lambda row, is_before: Cursor(row["sort_value"], row["id"], is_before)),
    )


async def company(actor: Actor, company_id: int) -> CompanyView:
    """That company; `NotFound` where there is none that the actor looks after."""
    if not 0 < company_id < BIGGEST:
        raise NotFound("There is no such company.")
    one = QueryString("AND c.id = {}", company_id)
    found = await _views(actor, await _rows(actor, one, QueryString(""), QueryString(""), QueryString("ASC"), 1))
    if not found:
        raise NotFound("There is no such company.")
    return found[0]


async def _rows(
    actor: Actor, searched: QueryString, only: QueryString, beyond: QueryString, way: QueryString, limit: int
) -> list[dict[str, Any]]:
    where = companies_of(actor).querystring
    return list(await Company.raw(_COMPANIES, where, searched, only, beyond, way, way, limit))


def _searched(text: str) -> QueryString:
    if not text:
        return QueryString("")
    return QueryString(
        "AND (strpos(lower(c.name), lower({})) > 0 OR EXISTS (SELECT 1 FROM market_participant p"
        " WHERE p.company = c.id AND strpos(p.mpid, upper({})) > 0))",
        text,
        text,
    )


def _beyond(cursor: Cursor | None) -> QueryString:
    if cursor is None or not isinstance(cursor.value, str):
        return QueryString("")
    sign = "<" if cursor.is_before else ">"
    return QueryString(f"AND (lower(c.name), c.id) {sign} ({{}}, {{}}::bigint)", cursor.value, cursor.id)


async def _views(actor: Actor, rows: list[dict[str, Any]]) -> list[CompanyView]:
    """The rows as views, their order kept: one query more, whatever their number."""
    ids = [row["id"] for row in rows] or [0]
    held: dict[int, list[ParticipantView]] = defaultdict(list)
    order = (MarketParticipant.mpid, MarketParticipant.role, MarketParticipant.effective_from)
    for one in await MarketParticipant.select().where(MarketParticipant.company.is_in(ids)).order_by(*order):
        held[one["company"]].append(
            ParticipantView(one["id"], one["mpid"], MarketRole(one["role"]), one["effective_from"], one["effective_to"])
        )
    return [_view(row, tuple(held[row["id"]])) for row in rows]


def _view(row: dict[str, Any], participants: tuple[ParticipantView, ...]) -> CompanyView:
    master_admin = None
    if row["person_id"]:
        last = row["last_sign_in_at"]
        seen = clock.local(last) if last else None
        master_admin = MasterAdminView(row["person_id"], row["person_name"], row["email"], seen)
    return CompanyView(
        id=row["id"],
        name=row["name"],
        kind=CompanyKind(row["kind"]),
        is_qualified=row["is_qualified"],
        accession=Accession(row["applied_on"], row["validated_on"], row["agreement_signed_on"]),
        participants=participants,
        master_admin=master_admin,
        people=row["people"] or 0,
    )
