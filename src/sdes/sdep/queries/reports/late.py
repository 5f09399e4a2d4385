"""Exceeding Response Time (SD 12.1c): levels at which a response was due in these days and did not come in time."""

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.kit import clock
from sdes.sdep.queries.reports.detailed import detailed
from sdes.sdep.queries.reports.source import Span, source
from sdes.sdep.reports.asked import OURS, THEIRS, Asked

# Who began a communication waits for the other company's response at each of its levels.
_SIDES = {"": "true", OURS: "side = 'recipient'", THEIRS: "side = 'sender'"}
_LATE = """{}, late AS (
    SELECT communication, number FROM levels
     WHERE due_at < {} AND (responded_at IS NULL OR responded_at > due_at) AND {} AND {}
) {}"""


def statement(actor: Actor, asked: Asked, most: int) -> QueryString:
    """The rows of the report; of a person: the responses that this person gave."""
    begin = source(actor, asked, Span.begun_before(asked), with_people=asked.person is not None)
    narrowed = QueryString("person = {}", asked.person) if asked.person else QueryString("true")
    end = detailed(actor, "JOIN late n ON n.communication = r.id", most, level="n.number")
    return QueryString(_LATE, begin, clock.now(), narrowed, QueryString(_SIDES[asked.side]), end)
