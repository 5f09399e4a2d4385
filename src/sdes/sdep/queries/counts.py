"""The counts beside the list: one query, which counts no further than it tells (SD 14.3)."""

from dataclasses import dataclass, field

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.kit import db
from sdes.sdep.access import OWN_DRAFTS, VISIBLE
from sdes.sdep.queries.filters import FOLDERS
from sdes.sdep.tables import CommunicationParty

MOST_COUNTED = 1000  # more are told as "999+"

_COUNTED = f"(SELECT count(*) FROM (SELECT 1 FROM communication_party p WHERE %s LIMIT {MOST_COUNTED}) n)"


def _counted(folder: str, besides: str = "") -> str:
    return _COUNTED % f"{VISIBLE.format('$1', '$2')} AND {FOLDERS[folder].format('$3')}{besides}"


_COUNTS = f"""
SELECT kind, title, n FROM (
    SELECT 'folder' AS kind, 'mine' AS title, {_counted("mine")} AS n
    UNION ALL SELECT 'folder', 'unassigned', {_counted("unassigned")}
    UNION ALL SELECT 'folder', 'ours', {_counted("ours")}
    UNION ALL SELECT 'folder', 'theirs', {_counted("theirs")}
    UNION ALL SELECT 'folder', 'archived_unread', {_counted("archive", " AND p.last_received > p.last_read")}
    UNION ALL SELECT 'folder', 'drafts', (SELECT count(*) FROM draft WHERE {OWN_DRAFTS.format("$1", "$3")})
    UNION ALL SELECT 'process', g.title, {_counted("active", " AND p.process_type = ANY (g.types)")}
      FROM (SELECT t.title, array_agg(t.id) AS types FROM process_type t WHERE t.id = ANY ($2) GROUP BY t.title) g
) counted ORDER BY title
"""


@dataclass(frozen=True)
class Counts:
    """What stands beside the list, each at most `MOST_COUNTED`; `processes` are the active ones by title."""

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
    found = await db.fetch(_COUNTS, actor.company_id, list(actor.process_types), actor.person_id)
    return Counts(
        {row["title"]: row["n"] for row in found if row["kind"] == "folder"},
        [(row["title"], row["n"]) for row in found if row["kind"] == "process" and row["n"]],
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
