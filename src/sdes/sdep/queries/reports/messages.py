"""Messages Sent and Received (SD 12.1a): the communications with messages of these days, and those messages by day."""

from datetime import date

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.sdep.queries.reports.detailed import detailed
from sdes.sdep.queries.reports.reading import fetch
from sdes.sdep.queries.reports.source import Span, source
from sdes.sdep.reports.asked import Asked

_TALLY = """{}, tally AS (
    SELECT communication, count(*) FILTER (WHERE is_ours)::int AS sent,
           count(*) FILTER (WHERE NOT is_ours)::int AS received
      FROM said GROUP BY communication
) {}"""
_BY_DAY = """{}
SELECT date_trunc({}, sent_at AT TIME ZONE 'Europe/London')::date AS day, count(*) FILTER (WHERE is_ours)::int AS sent,
       count(*) FILTER (WHERE NOT is_ours)::int AS received
  FROM said GROUP BY 1 ORDER BY 1
"""


def statement(actor: Actor, asked: Asked, most: int) -> QueryString:
    """The rows of the report."""
    begin = source(actor, asked, Span.with_messages_in(asked))
    end = detailed(actor, "JOIN tally n ON n.communication = r.id", most, more="n.sent, n.received,")
    return QueryString(_TALLY, begin, end)


async def by_day(actor: Actor, asked: Asked, unit: str = "day") -> list[tuple[date, int, int]]:
    """Messages sent and received in each `unit` (day, or week from Monday on) that has any, by London's days."""
    begin = source(actor, asked, Span.with_messages_in(asked))
    rows = await fetch(actor, QueryString(_BY_DAY, begin, unit))
    return [(row["day"], row["sent"], row["received"]) for row in rows]
