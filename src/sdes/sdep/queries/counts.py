"""The counts beside the list: one query for a company, which counts no further than it tells (SD 14.3)."""

from dataclasses import dataclass, field
from typing import Any

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
_OF_ALL = ("unassigned", "ours", "theirs")  # folders that hold the same for everybody who may see it
_FOLDERS = ("mine", *_OF_ALL)

_ALL = f"""
SELECT n.process_type, t.title, n.owner, {", ".join(_OF_ALL)}, n.is_archived, n.n FROM (
    SELECT process_type, owner, {", ".join(_OF_ALL)}, false AS is_archived, count(*) AS n FROM (
        SELECT p.process_type, p.owner, {", ".join(f"({FOLDERS[one]}) AS {one}" for one in _OF_ALL)}
          FROM communication_party p
         WHERE {OF_COMPANY.format("$1")} AND {FOLDERS["active"]} LIMIT {MOST_AT_ONCE + 1}) p GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT process_type, NULL, false, false, false, true, count(*) FROM (
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


@dataclass
class _OfProcess:
    """What a company has of one process type, whoever of its people may see it: active ones by folder and by owner."""

    title: str
    active: int = 0
    archived_unread: int = 0
    by_folder: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_OF_ALL, 0))
    by_owner: dict[int | None, int] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        """So many more that are the same in all that is counted."""
        if row["is_archived"]:
            self.archived_unread += row["n"]
            return
        self.active += row["n"]
        self.by_owner[row["owner"]] = self.by_owner.get(row["owner"], 0) + row["n"]
        for folder in _OF_ALL:
            self.by_folder[folder] += row["n"] if row[folder] else 0


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
    if isinstance(of_company, _TooMany):
        return await of_company.counts(actor)
    visible = [some for process_type, some in of_company.items() if process_type in actor.process_types]
    by_title: dict[str, int] = {}
    for some in visible:
        by_title[some.title] = by_title.get(some.title, 0) + some.active
    folders = {
        "mine": sum(some.by_owner.get(actor.person_id, 0) for some in visible),
        **{one: sum(some.by_folder[one] for some in visible) for one in _OF_ALL},
        "archived_unread": sum(some.archived_unread for some in visible),
    }
    return Counts(folders, [(title, n) for title, n in by_title.items() if n])


async def _of_company(actor: Actor) -> "dict[int, _OfProcess] | _TooMany":
    """What the actor's company has, by process type, where that is not too much to go through."""
    found: dict[int, _OfProcess] = {}
    for row in await db.fetch(_ALL, actor.company_id):
        found.setdefault(row["process_type"], _OfProcess(row["title"])).add(row)
    active, unread = (sum(getattr(one, name) for one in found.values()) for name in ("active", "archived_unread"))
    return found if max(active, unread) <= MOST_AT_ONCE else _TooMany()


class _TooMany:
    """What a company has that is too much to go through: counted for each who asks, and kept as long as this is."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int | None, tuple[int, ...]], Counts] = {}

    async def counts(self, actor: Actor) -> Counts:
        """As they were when the actor, so assigned, last asked."""
        key = (actor.person_id, actor.process_types)
        if key not in self._kept:
            self._kept[key] = await _each(actor)
        return self._kept[key]


async def _each(actor: Actor) -> Counts:
    rows = await db.fetch(_EACH, actor.company_id, list(actor.process_types), actor.person_id)
    [folders] = [row for row in rows if not row["title"]]
    return Counts(
        {one: folders[one] for one in (*_FOLDERS, "archived_unread")},
        [(row["title"], row["active"]) for row in rows if row["title"] and row["active"]],
    )


KEPT_COUNTS: KeptByKey[int | None, dict[int, _OfProcess] | _TooMany] = KeptByKey(KEPT, most=2000)


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
