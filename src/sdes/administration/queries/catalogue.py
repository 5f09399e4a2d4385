"""Reads of the changes that the Code Manager has made to the catalogue, and of what stands in their way."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sdes.actor import Actor
from sdes.catalogue.definition import Definition, read_definition
from sdes.catalogue.views import RouteView
from sdes.kit import clock, db

_CHANGES = "SELECT * FROM catalogue_change WHERE process_type = $1 ORDER BY made_at DESC, id DESC LIMIT 50"
_WAITING = (
    "SELECT * FROM catalogue_change WHERE applied_at IS NULL AND withdrawn_at IS NULL ORDER BY takes_effect_on, id"
)
_LAST = """
SELECT summary, made_by FROM catalogue_change
 WHERE process_type = $1 AND (applied_at IS NOT NULL OR withdrawn_at IS NULL) ORDER BY made_at DESC, id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change of one process type: made, and then applied, waiting for its day, or withdrawn. Times are London's."""

    id: int
    process_type: int
    takes_effect_on: date
    definition: Definition
    summary: str
    made_by: str
    made_at: datetime
    applied_at: datetime | None
    withdrawn_at: datetime | None
    problem: str

    @property
    def is_waiting(self) -> bool:
        return self.applied_at is None and self.withdrawn_at is None


async def changes_of(actor: Actor, process_type: int) -> list[ChangeView]:
    """The last 50 changes of a process type, newest first. They are everybody's, like the catalogue."""
    return [_view(row) for row in await db.fetch(_CHANGES, process_type)]


async def waiting_changes(actor: Actor) -> dict[int, ChangeView]:
    """The change that waits for its day, by process type: there is one at most."""
    return {row["process_type"]: _view(row) for row in await db.fetch(_WAITING)}


async def due_changes(actor: Actor) -> list[ChangeView]:
    """The changes that wait and whose day has come, in the order of their days."""
    today = clock.today()
    return [change for change in (await waiting_changes(actor)).values() if change.takes_effect_on <= today]


async def last_change(actor: Actor, process_type: int) -> tuple[str, str] | None:
    """What changed last and who changed it; None where nothing ever was."""
    found = await db.fetch(_LAST, process_type)
    return (found[0]["summary"], found[0]["made_by"]) if found else None


async def open_count(
    actor: Actor, process_type: int, *, least_level: int | None = None, route: RouteView | None = None
) -> int:
    """How many communications, active or archived, can still be at that level or above, or run along that route.

    For the Code Manager alone: a number, and nothing of the communications.
    """
    roles = (route.from_role.value, route.to_role.value) if route else (None, None)
    (row,) = await db.fetch("SELECT sdep_open_count($1, $2, $3, $4) AS n", process_type, least_level, *roles)
    return int(row["n"])


async def was_used(actor: Actor, process_type: int) -> bool:
    """Whether anything was ever sent by that process type, be it deleted since. For the Code Manager alone."""
    (row,) = await db.fetch("SELECT sdep_was_used($1) AS is_so", process_type)
    return bool(row["is_so"])


async def keepers(actor: Actor) -> int | None:
    """The company that keeps the catalogue, by id: the Code Manager's."""
    found = await db.fetch("SELECT id FROM company WHERE kind = 'code-manager' ORDER BY id LIMIT 1")
    return found[0]["id"] if found else None


def _view(row: Any) -> ChangeView:
    return ChangeView(
        id=row["id"],
        process_type=row["process_type"],
        takes_effect_on=row["takes_effect_on"],
        definition=read_definition(row["definition"]),
        summary=row["summary"],
        made_by=row["made_by"],
        made_at=clock.local(row["made_at"]),
        applied_at=clock.local(row["applied_at"]) if row["applied_at"] else None,
        withdrawn_at=clock.local(row["withdrawn_at"]) if row["withdrawn_at"] else None,
        problem=row["problem"],
    )
