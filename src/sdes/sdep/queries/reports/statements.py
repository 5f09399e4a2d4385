"""Which statement is behind which report."""

from collections.abc import Callable

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.sdep.queries.reports import assigned, counts, late, messages, unanswered
from sdes.sdep.reports import kinds
from sdes.sdep.reports.asked import Asked
from sdes.sdep.reports.kinds import Report

_OF: dict[str, Callable[[Actor, Asked, int], QueryString]] = {
    kinds.MESSAGES.key: messages.statement,
    kinds.COUNTS.key: counts.statement,
    kinds.LATE.key: late.statement,
    kinds.UNANSWERED.key: unanswered.statement,
    kinds.OF_PERSON.key: assigned.statement,
    kinds.OF_COMPANY.key: assigned.statement,
}


def statement_of(actor: Actor, report: Report, asked: Asked, most: int) -> QueryString:
    """The rows of a report, at most `most`; each tells how many there are in all, as `total`."""
    return _OF[report.key](actor, asked, most)
