"""What a company's reports may be narrowed to: its MPIDs, its process types, its people."""

from sdes.actor import Actor
from sdes.catalogue.queries import process_types
from sdes.kit import db
from sdes.sdep.reports.asked import Choices, Option

_MPIDS = "SELECT mpid, array_agg(role) AS roles FROM market_participant WHERE company = $1 GROUP BY mpid ORDER BY mpid"
_PEOPLE = """
SELECT id, name, email FROM person WHERE company = $1 AND state <> 'deleted' ORDER BY lower(name), id
"""


async def choices(actor: Actor) -> Choices:
    """Also MPIDs that ended and process types no longer in use: reports look back."""
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
        [(str(row["id"]), f"{row['name']} ({row['email']})") for row in people],
    )
