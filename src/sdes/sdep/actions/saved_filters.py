"""Saving a filter under a name, changing it, deleting it. Personal settings: the audit log is not told of them."""

from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.kit.errors import Refused
from sdes.sdep.access import why_not_change_filter
from sdes.sdep.filters import SavedFilterView
from sdes.sdep.queries.saved_filters import count_own, is_name_taken, saved_filter

MOST_SAVED = 50  # of one person
TAKEN = "You have a saved filter of this name. Choose another name"
TOO_MANY = f"You have {MOST_SAVED} saved filters, the most that are kept. Delete one of them and save this one again."

_SAVE = """
INSERT INTO saved_filter (company, person, name, query, is_shared, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (person, name) DO NOTHING RETURNING id
"""


async def save(actor: Actor, name: str, query: str, *, is_shared: bool) -> SavedFilterView | None:
    """Saves the address of a list under a name; None where the actor has one of that name. Refuses (409) one
    filter more than `MOST_SAVED`."""
    await _one_at_a_time(actor)
    if await count_own(actor) >= MOST_SAVED:
        raise Refused(TOO_MANY)
    if await is_name_taken(actor, name):
        return None
    kept = await db.fetch(_SAVE, actor.company_id, actor.person_id, name, query, is_shared, clock.now())
    return await saved_filter(actor, kept[0]["id"]) if kept else None


async def change(actor: Actor, filter_id: int, name: str, *, is_shared: bool) -> SavedFilterView | None:
    """Renames a filter and shares it with the company or no longer; None where another has the name. Refuses (409) a
    colleague's."""
    await _own(actor, filter_id)
    if await is_name_taken(actor, name, besides=filter_id):
        return None
    await db.fetch("UPDATE saved_filter SET name = $2, is_shared = $3 WHERE id = $1", filter_id, name, is_shared)
    return await saved_filter(actor, filter_id)


async def remove(actor: Actor, filter_id: int) -> None:
    """Deletes a filter. Refuses (409) a colleague's."""
    await _own(actor, filter_id)
    await db.fetch("DELETE FROM saved_filter WHERE id = $1", filter_id)


async def _own(actor: Actor, filter_id: int) -> None:
    await _one_at_a_time(actor)
    if why := why_not_change_filter(actor, await saved_filter(actor, filter_id)):
        raise Refused(why)


async def _one_at_a_time(actor: Actor) -> None:
    """Of two that one person does at once, the second sees what the first has done."""
    await db.fetch("SELECT pg_advisory_xact_lock(hashtext('saved_filter'), $1)", actor.person_id)
