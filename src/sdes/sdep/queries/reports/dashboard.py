"""How a team stands: what waits for our reply and since when, for whose, how much was answered in time."""

from dataclasses import dataclass

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.catalogue.views import process_name
from sdes.kit import clock
from sdes.sdep.access import reported_to
from sdes.sdep.queries.reports.reading import fetch
from sdes.sdep.queries.reports.source import Span, source
from sdes.sdep.reports.asked import Asked
from sdes.sdep.reports.percent import percent

MOST_LINES = 50
AGES = (1, 3, 7, 14)  # days: where one group ends and the next begins

_STANDING = """
SELECT width_bucket(extract(epoch FROM {}::timestamptz - p.last_message_at) / 86400, {}::float8[]) AS age,
       count(*)::int AS waiting, count(*) FILTER (WHERE p.due_at < {})::int AS overdue
  FROM communication_party p WHERE {} AND p.archived_at IS NULL AND p.is_due_from_us GROUP BY 1
"""
_THEIRS = """
SELECT count(*)::int AS waiting, count(*) FILTER (WHERE p.due_at < {})::int AS overdue
  FROM communication_party p WHERE {} AND p.archived_at IS NULL AND NOT p.is_due_from_us AND p.due_at IS NOT NULL
"""
_OWNERS = """
SELECT p.owner AS id, coalesce(max(o.name), '') AS name, count(*)::int AS active,
       count(*) FILTER (WHERE p.is_due_from_us)::int AS waiting,
       count(*) FILTER (WHERE p.is_due_from_us AND p.due_at < {})::int AS overdue
  FROM communication_party p LEFT JOIN person o ON o.id = p.owner
 WHERE {} AND p.archived_at IS NULL GROUP BY p.owner
 ORDER BY p.owner IS NOT NULL, active DESC, name, id LIMIT {}
"""
# A response of ours counts on the day it was due: in time, late, or not there when the time was over. Counted once, by
# process type and by person; what nobody answered is nobody's.
_TIMELINESS = """{}, counted AS (
    SELECT l.process_type, l.person, count(*)::int AS due,
           count(*) FILTER (WHERE l.responded_at <= l.due_at)::int AS in_time
      FROM levels l
     WHERE l.side = 'recipient' AND (l.responded_at IS NOT NULL OR l.due_at < {})
     GROUP BY GROUPING SETS ((l.process_type), (l.person))
)
SELECT d.due, d.in_time, t.code, t.title, t.contact_type, t.fuel, n.id AS person, n.name,
       n.state = 'deleted' AS has_left
  FROM counted d LEFT JOIN process_type t ON t.id = d.process_type LEFT JOIN person n ON n.id = d.person
 WHERE t.id IS NOT NULL OR n.id IS NOT NULL
 ORDER BY d.in_time::float8 / d.due, d.due DESC, t.position, t.id, n.name, n.id
"""


@dataclass(frozen=True)
class Standing:
    """What waits now. `ages` are counts by days since the last message, between the numbers of `AGES`."""

    ages: list[int]
    overdue: int
    theirs: int
    theirs_overdue: int

    @property
    def waiting(self) -> int:
        return sum(self.ages)


@dataclass(frozen=True)
class Load:
    """What one owner has: active ones, those waiting for our reply, those overdue. Nobody's have no id."""

    id: int | None
    name: str
    active: int
    waiting: int
    overdue: int


@dataclass(frozen=True)
class Timeliness:
    """Of the responses that were due from us, how many came in time. `key` is a code of a process type, or a person's
    id; empty for people who left."""

    key: str
    name: str
    due: int
    in_time: int

    @property
    def percent(self) -> int:
        """Rounded; 100 says that none was late."""
        return percent(self.in_time, self.due)


async def standing(actor: Actor) -> Standing:
    """What waits in the actor's company now, and what is overdue."""
    now, own = clock.now(), reported_to(actor).querystring
    ours = await fetch(actor, QueryString(_STANDING, now, [float(age) for age in AGES], now, own))
    (theirs,) = await fetch(actor, QueryString(_THEIRS, now, own))
    ages = {row["age"]: row["waiting"] for row in ours}
    return Standing(
        [ages.get(age, 0) for age in range(len(AGES) + 1)],
        sum(row["overdue"] for row in ours),
        theirs["waiting"],
        theirs["overdue"],
    )


async def workload(actor: Actor) -> list[Load]:
    """What each owner has: nobody's first, then who has most."""
    rows = await fetch(actor, QueryString(_OWNERS, clock.now(), reported_to(actor).querystring, MOST_LINES))
    return [Load(**row) for row in rows]


async def timeliness(actor: Actor, asked: Asked) -> tuple[list[Timeliness], list[Timeliness]]:
    """How much was answered in time, by process type and by person, the worst first."""
    begin = source(actor, asked, Span.begun_before(asked), with_people=True)
    rows = await fetch(actor, QueryString(_TIMELINESS, begin, clock.now()))
    processes = [
        Timeliness(
            row["code"], process_name(row["title"], row["contact_type"], row["fuel"]), row["due"], row["in_time"]
        )
        for row in rows
        if row["code"]
    ]
    people = [
        Timeliness("" if row["has_left"] else str(row["person"]), row["name"], row["due"], row["in_time"])
        for row in rows
        if row["person"]
    ]
    return processes[:MOST_LINES], people[:MOST_LINES]
