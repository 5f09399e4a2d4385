"""Messages Sent No Response (SD 12.1d): communications of these days to which the other company wrote nothing."""

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.sdep.queries.reports.detailed import detailed
from sdes.sdep.queries.reports.source import Span, source
from sdes.sdep.reports.asked import Asked

_UNANSWERED = """{}, answered AS (
    SELECT DISTINCT communication FROM said WHERE side = 'sender' AND NOT is_ours
) {}"""
_NONE = "WHERE r.side = 'sender' AND NOT EXISTS (SELECT 1 FROM answered a WHERE a.communication = r.id)"


def statement(actor: Actor, asked: Asked, most: int) -> QueryString:
    """The rows of the report."""
    begin = source(actor, asked, Span.begun_in(asked))
    return QueryString(_UNANSWERED, begin, detailed(actor, _NONE, most))
