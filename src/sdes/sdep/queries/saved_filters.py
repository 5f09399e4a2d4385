"""Saved filters: the actor's own, and those that colleagues share with the company."""

from typing import Any

from sdes.actor import Actor
from sdes.kit import db
from sdes.kit.errors import NotFound
from sdes.sdep.filters import SavedFilterView

MOST_LISTED = 500
BIGGEST = 2**63  # what a saved filter's id stays below

SAVED = """
SELECT f.id, f.name, f.query, f.is_shared, f.person, n.name AS person_name
  FROM saved_filter f JOIN person n ON n.id = f.person
 WHERE f.company = $1 AND (f.person = $2 OR f.is_shared)
"""
ORDER = "ORDER BY f.person <> $2, lower(f.name), f.id"


async def saved_filters(actor: Actor) -> list[SavedFilterView]:
    """At most `MOST_LISTED` saved filters that exist for the actor: their own by name, then those shared by others."""
    rows = await db.fetch(f"{SAVED} {ORDER} LIMIT $3", actor.company_id, actor.person_id, MOST_LISTED)
    return [_view(row) for row in rows]


async def saved_filter(actor: Actor, filter_id: int) -> SavedFilterView:
    """One saved filter; `NotFound` when it does not exist for the actor, whatever the reason."""
    may_be = 0 < filter_id < BIGGEST
    rows = await db.fetch(f"{SAVED} AND f.id = $3", actor.company_id, actor.person_id, filter_id) if may_be else []
    if not rows:
        raise NotFound("There is no such saved filter. It may have been deleted, or is no longer shared.")
    return _view(rows[0])


async def is_name_taken(actor: Actor, name: str, besides: int = 0) -> bool:
    """Whether another of the actor's own filters has that name, in whichever case."""
    return bool(
        await db.fetch(
            "SELECT 1 FROM saved_filter WHERE company = $1 AND person = $2 AND lower(name) = lower($3) AND id <> $4",
            actor.company_id,
            actor.person_id,
            name,
            besides,
        )
    )


async def count_own(actor: Actor) -> int:
    """How many filters the actor has saved."""
    (row,) = await db.fetch(
        "SELECT count(*) AS n FROM saved_filter WHERE company = $1 AND person = $2", actor.company_id, actor.person_id
    )
    return int(row["n"])


def _view(row: Any) -> SavedFilterView:
    return SavedFilterView(row["id"], row["name"], row["query"], row["is_shared"], row["person"], row["person_name"])
