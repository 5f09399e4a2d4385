"""What a company's reports may be narrowed to: its MPIDs, its process types, its people."""

from typing import Any

from sdes.actor import Actor
from sdes.catalogue.dates import show_date
from sdes.catalogue.queries import process_types
from sdes.kit import clock, db
from sdes.sdep.reports.asked import Choices, Option

_MPIDS = "SELECT mpid, array_agg(role) AS roles FROM market_participant WHERE company = $1 GROUP BY mpid ORDER BY mpid"
_PEOPLE = """
SELECT id, name, email, deleted_at FROM person WHERE company = $1
 ORDER BY deleted_at DESC NULLS FIRST, lower(name), id
"""


async def choices(actor: Actor) -> Choices:
    """Also MPIDs that ended, process types no longer in use and people who left: reports look back."""
    mpids = await db.fetch(_MPIDS, actor.company_id)
    people = await db.fetch(_PEOPLE, actor.company_id)
    roles = {role for row in mpids for role in row["roles"]}
    processes: dict[str, list[Option]] = {}
    for one in await process_types():
        if any(route.from_role in roles or route.to_role in roles for route in one.routes):
            processes.setdefault(one.title, []).append((one.code, one.full_title))
    return Choices(
        [row["mpid"] for row in mpids],
        list(processes.items()),
        [(str(row["id"]), _named(row)) for row in people],
    )


def _named(row: Any) -> str:
    if row["deleted_at"]:
        return f"{row['name']} {row['id']}, left {show_date(clock.local(row['deleted_at']).date())}"
    return f"{row['name']} ({row['email']})"
