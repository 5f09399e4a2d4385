"""How a team stands: what waits for our reply and since when, for whose, how much was answered in time."""

from dataclasses import dataclass
from typing import Any

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.kit import clock
from sdes.sdep.access import reported_to
from sdes.sdep.queries.reports.reading import FUELS, fetch
from sdes.sdep.queries.reports.source import Span, source
from sdes.sdep.reports.asked import Asked

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
# A response of ours counts on the day it was due: in time, late, or not there when the time was over.
_DUE = """{}, due AS (
    SELECT communication, process_type, responded_at, responded_at <= due_at AS in_time
      FROM levels
     WHERE side = 'recipient' AND due_at >= {} AND due_at < {} AND (responded_at IS NOT NULL OR due_at < {})
)"""
_BY_PROCESS = """{}
SELECT t.code AS key, t.title || ' - ' || t.contact_type AS name, t.fuel, count(*)::int AS due,
       count(*) FILTER (WHERE d.in_time)::int AS in_time
  FROM due d JOIN process_type t ON t.id = d.process_type GROUP BY t.id
 ORDER BY count(*) FILTER (WHERE d.in_time)::float8 / count(*), due DESC, t.position, t.id LIMIT {}
"""
# Grouped, not joined: a join of two such sources may be planned for few rows and then take for ever.
_BY_PERSON = """{}, answered AS (
    SELECT max(person) AS person, count(*) FILTER (WHERE is_due)::int AS due,
           count(*) FILTER (WHERE in_time)::int AS in_time
      FROM (SELECT communication, responded_at AS at, true AS is_due, in_time, NULL::int AS person FROM due
            UNION ALL
            SELECT communication, sent_at, false, false, person FROM said WHERE is_ours AND side = 'recipient') both_of
     GROUP BY communication, at
)
SELECT n.id AS key, n.name, sum(a.due)::int AS due, sum(a.in_time)::int AS in_time
  FROM answered a JOIN person n ON n.id = a.person WHERE a.due > 0
 GROUP BY n.id ORDER BY sum(a.in_time)::float8 / sum(a.due), due DESC, n.name, n.id LIMIT {}
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
    """Of the responses that were due from us, how many came in time."""

    key: str
    name: str
    due: int
    in_time: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 says that none was late."""
        return 100 * self.in_time // self.due if self.due else 0


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


async def by_process(actor: Actor, asked: Asked) -> list[Timeliness]:
    """How much was answered in time, by process type, the worst first."""
    return [_timeliness(row) for row in await fetch(actor, QueryString(_BY_PROCESS, _due(actor, asked), MOST_LINES))]


async def by_person(actor: Actor, asked: Asked) -> list[Timeliness]:
    """How much each person answered in time, the worst first. What nobody answered is nobody's."""
    return [_timeliness(row) for row in await fetch(actor, QueryString(_BY_PERSON, _due(actor, asked), MOST_LINES))]


def _due(actor: Actor, asked: Asked) -> QueryString:
    begin = source(actor, asked, Span.begun_before(asked))
    return QueryString(_DUE, begin, asked.since, asked.until, clock.now())


def _timeliness(row: dict[str, Any]) -> Timeliness:
    fuel = f" ({FUELS[row['fuel']]})" if "fuel" in row else ""
    return Timeliness(str(row["key"]), row["name"] + fuel, row["due"], row["in_time"])
