"""The counts beside the list: one query for a company, which counts no further than it tells (SD 14.3)."""

from dataclasses import dataclass, field

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.kit import db
from sdes.kit.kept import KeptByKey
from sdes.sdep.access import OF_COMPANY, VISIBLE
from sdes.sdep.queries.filters import FOLDERS
from sdes.sdep.tables import CommunicationParty

MOST_COUNTED = 1000  # more are told as "999+"
MOST_AT_ONCE = 5000  # a company's active ones, or unread in the archive, that are gone through once for all its people
KEPT = 5  # seconds for which a company's numbers serve its people
_FOLDERS = ("mine", "unassigned", "ours", "theirs")

_ALL = f"""
SELECT n.process_type, t.title, n.owner, n.last_direction, n.is_archived, n.n FROM (
    SELECT process_type, owner, last_direction, false AS is_archived, count(*) AS n FROM (
        SELECT p.process_type, p.owner, p.last_direction FROM communication_party p
         WHERE {OF_COMPANY.format("$1")} AND {FOLDERS["active"]} LIMIT {MOST_AT_ONCE + 1}) p GROUP BY 1, 2, 3
    UNION ALL
    SELECT process_type, NULL, NULL, true, count(*) FROM (
        SELECT p.process_type FROM communication_party p
         WHERE {OF_COMPANY.format("$1")} AND {FOLDERS["archive"]} AND p.last_received > p.last_read
         LIMIT {MOST_AT_ONCE + 1}) p GROUP BY 1
) n JOIN process_type t ON t.id = n.process_type ORDER BY t.title
"""


def _where(folder: str, besides: str = "") -> str:
    return f"{VISIBLE.format('$1', '$2')} AND {FOLDERS[folder].format('$3')}{besides}"


def _bounded(where: str) -> str:
    return f"(SELECT count(*) FROM (SELECT 1 FROM communication_party p WHERE {where} LIMIT {MOST_COUNTED}) n)"


# In a company with more of them each count is made for itself, and ends where it is told no further.
_EACH = f"""
SELECT t.title, sum({_bounded(_where("active", " AND p.process_type = t.id"))})::bigint AS active, 0 AS mine,
       0 AS unassigned, 0 AS ours, 0 AS theirs, 0 AS archived_unread
  FROM process_type t WHERE t.id = ANY ($2) GROUP BY t.title
UNION ALL SELECT '', 0, {", ".join(_bounded(_where(one)) for one in _FOLDERS)},
       {_bounded(_where("archive", " AND p.last_received > p.last_read"))}
 ORDER BY title
"""


@dataclass(frozen=True)
class _Some:
    """So many of a company's communications that are the same in all that is counted."""

    process_type: int
    title: str
    owner: int | None
    last_direction: str | None
    is_archived: bool
    n: int


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
    def archived_unread(self) -> int:
        return self.folders["archived_unread"]


async def counts(actor: Actor) -> Counts:
    """The counts beside the list as they were some seconds ago, or since something was written here."""
    of_company = await KEPT_COUNTS.value(actor.company_id, lambda: _of_company(actor))
    if of_company is None:
        return await _each(actor)
    visible = [some for some in of_company if some.process_type in actor.process_types]
    active = [some for some in visible if not some.is_archived]
    by_title: dict[str, int] = {}
    for some in active:
        by_title[some.title] = by_title.get(some.title, 0) + some.n
    folders = {
        "mine": sum(some.n for some in active if some.owner == actor.person_id),
        "unassigned": sum(some.n for some in active if some.owner is None),
        "ours": sum(some.n for some in active if some.last_direction == "received"),
        "theirs": sum(some.n for some in active if some.last_direction == "sent"),
        "archived_unread": sum(some.n for some in visible if some.is_archived),
    }
    return Counts(folders, list(by_title.items()))


async def _of_company(actor: Actor) -> list[_Some] | None:
    """What the actor's company has, whoever of its people may see it; None where that is too much to go through."""
    rows = await db.fetch(_ALL, actor.company_id)
    parts = [sum(row["n"] for row in rows if row["is_archived"] is is_archived) for is_archived in (False, True)]
    return [_Some(**row) for row in rows] if max(parts) <= MOST_AT_ONCE else None


async def _each(actor: Actor) -> Counts:
    rows = await db.fetch(_EACH, actor.company_id, list(actor.process_types), actor.person_id)
    [folders] = [row for row in rows if not row["title"]]
    return Counts(
        {one: folders[one] for one in (*_FOLDERS, "archived_unread")},
        [(row["title"], row["active"]) for row in rows if row["title"] and row["active"]],
    )


KEPT_COUNTS: KeptByKey[int | None, list[_Some] | None] = KeptByKey(KEPT, most=2000)


def counts_change(actor: Actor) -> None:
    """The actor changes what is counted: their company's next page counts anew. The other side's follows in seconds."""
    KEPT_COUNTS.changes(actor.company_id)


async def count_up_to(actor: Actor, where: QueryString, most: int) -> int:
    """How many of the rows `where` (see `queries/filters.py`) there are for the actor, counted no further than
    `most`."""
    sql = (
        "SELECT count(*) AS n FROM (SELECT 1 FROM communication_party p JOIN communication c ON c.id = p.communication"
        " WHERE {} LIMIT {}) n"
    )
    (row,) = await CommunicationParty.raw(sql, where, most)
    return int(row["n"])
