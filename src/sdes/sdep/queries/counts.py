"""The counts beside the list: one query, which counts no further than it tells (SD 14.3)."""

from dataclasses import dataclass, field

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.kit import db
from sdes.sdep.access import OWN_DRAFTS, VISIBLE
from sdes.sdep.queries.filters import FOLDERS
from sdes.sdep.tables import CommunicationParty

MOST_COUNTED = 1000  # more are told as "999+"
MOST_AT_ONCE = 5000  # a company's active ones that are gone through once for all counts
_BY_TITLE = ("active", "mine", "unassigned", "ours", "theirs")


def _where(folder: str, besides: str = "") -> str:
    return f"{VISIBLE.format('$1', '$2')} AND {FOLDERS[folder].format('$3')}{besides}"


def _bounded(where: str) -> str:
    return f"(SELECT count(*) FROM (SELECT 1 FROM communication_party p WHERE {where} LIMIT {MOST_COUNTED}) n)"


_BESIDES = f"""
SELECT '' AS title, {_bounded(_where("archive", " AND p.last_received > p.last_read"))} AS active,
       (SELECT count(*) FROM draft WHERE {OWN_DRAFTS.format("$1", "$3")}) AS mine,
       0 AS unassigned, 0 AS ours, 0 AS theirs
"""
_AT_ONCE = f"""
SELECT t.title, {", ".join(f"count(*) FILTER (WHERE {FOLDERS[one].format('$3')}) AS {one}" for one in _BY_TITLE)}
  FROM (SELECT p.process_type, p.owner, p.last_direction, p.archived_at FROM communication_party p
         WHERE {_where("active")} LIMIT {MOST_AT_ONCE + 1}) p JOIN process_type t ON t.id = p.process_type
 GROUP BY t.title UNION ALL {_BESIDES} ORDER BY title
"""
# In a company with more of them each count is made for itself, and ends where it is told no further.
_EACH = f"""
SELECT t.title, sum({_bounded(_where("active", " AND p.process_type = t.id"))})::bigint AS active, 0 AS mine,
       0 AS unassigned, 0 AS ours, 0 AS theirs FROM process_type t WHERE t.id = ANY ($2) GROUP BY t.title
UNION ALL SELECT ' ', 0, {", ".join(_bounded(_where(one)) for one in _BY_TITLE[1:])}
UNION ALL {_BESIDES} ORDER BY title
"""


@dataclass(frozen=True)
class Counts:
    """What stands beside the list, `MOST_COUNTED` of a thing or more meaning that many; `processes` are the active ones
    by title."""

    folders: dict[str, int] = field(default_factory=dict)
    processes: list[tuple[str, int]] = field(default_factory=list)

    @property
    def active(self) -> int:
        return min(MOST_COUNTED, sum(n for _, n in self.processes))

    @property
    def drafts(self) -> int:
        """How many the actor has begun and not sent."""
        return self.folders["drafts"]

    @property
    def archived_unread(self) -> int:
        return self.folders["archived_unread"]


async def counts(actor: Actor) -> Counts:
    """The counts beside the list, from indexes alone."""
    asked = (actor.company_id, list(actor.process_types), actor.person_id)
    found = await db.fetch(_AT_ONCE, *asked)
    if sum(row["active"] for row in found if row["title"]) > MOST_AT_ONCE:
        found = await db.fetch(_EACH, *asked)
    [besides] = [row for row in found if not row["title"]]
    folders = {one: sum(row[one] for row in found if row["title"]) for one in _BY_TITLE[1:]}
    return Counts(
        {**folders, "archived_unread": besides["active"], "drafts": besides["mine"]},
        [(row["title"], row["active"]) for row in found if row["title"].strip() and row["active"]],
    )


async def count_up_to(actor: Actor, where: QueryString, most: int) -> int:
    """How many of the rows `where` (see `queries/filters.py`) there are for the actor, counted no further than
    `most`."""
    sql = (
        "SELECT count(*) AS n FROM (SELECT 1 FROM communication_party p JOIN communication c ON c.id = p.communication"
        " WHERE {} LIMIT {}) n"
    )
    (row,) = await CommunicationParty.raw(sql, where, most)
    return int(row["n"])
