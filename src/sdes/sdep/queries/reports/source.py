"""The one source of all reports: communications, messages and levels, those of deleted communications included."""

from dataclasses import dataclass
from datetime import datetime

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.sdep.access import deleted_reported_to
from sdes.sdep.reports.asked import Asked

# What exists is read by functions of the database. They are told the company here, as `reported_to` would tell it, and
# give nothing where the database knows that another one asks; row-level security would ask it again of each row, which
# takes longer than the report. They narrow it, too: what is narrowed here, the planner expects few rows of, and joins
# row by row. `facts` are null for what still exists, and all there is of what was deleted.
_SOURCE = """
WITH gone AS (
    SELECT d.communication AS id, d.reference, d.process_type, d.side,
           CASE d.side WHEN 'sender' THEN d.companies[2] ELSE d.companies[1] END AS other, d.level, d.created_at,
           d.sender, d.recipient, d.facts
      FROM (SELECT d.*, CASE WHEN d.companies[1] = {} THEN 'sender' ELSE 'recipient' END AS side
              FROM deleted_communication d WHERE {} AND d.deleted_at >= {} AND d.created_at < {}) d
     WHERE {} AND {}
), reported AS (
    SELECT p.communication AS id, NULL::text AS old_reference, p.process_type::bigint AS process_type, p.side,
           p.other_company::bigint AS other, p.level, p.created_at, p.last_message_at, p.sender::bigint AS sender,
           p.recipient::bigint AS recipient, p.owner AS owner_id, NULL::jsonb AS facts
      FROM sdep_report_communications({}, {}, {}, {}, {}, {}, {}) p
    UNION ALL
    SELECT g.id, g.reference, g.process_type, g.side, g.other, g.level, g.created_at,
           coalesce((SELECT max((m ->> 'sent_at')::timestamptz) FROM jsonb_array_elements(g.facts -> 'messages') m),
                    g.created_at),
           g.sender, g.recipient, NULL, g.facts
      FROM gone g
), said AS (
    SELECT communication, side, number, is_ours, person, sent_at FROM sdep_report_messages({}, {}, {}, {}, {}, {}, {})
    UNION ALL
    SELECT g.id, g.side, m.number, m.company = {}, m.person, m.sent_at
      FROM gone g, jsonb_to_recordset(g.facts -> 'messages')
           AS m(number int, company bigint, person int, sent_at timestamptz)
     WHERE {}
), levels AS (
    SELECT communication, process_type::bigint AS process_type, side, number, due_at, responded_at, person
      FROM sdep_report_levels({}, {}, {}, {}, {}, {})
    UNION ALL
    SELECT g.id, g.process_type, g.side, l.number, l.due_at, l.responded_at,
           (SELECT max(m.person) FROM jsonb_to_recordset(g.facts -> 'messages')
                AS m(company bigint, person int, sent_at timestamptz)
             WHERE g.side = 'recipient' AND m.company = {} AND m.sent_at = l.responded_at)
      FROM gone g, jsonb_to_recordset(g.facts -> 'levels')
           AS l(number smallint, due_at timestamptz, responded_at timestamptz)
     WHERE l.due_at >= {} AND l.due_at < {}
)
"""


@dataclass(frozen=True)
class Span:
    """Which communications matter: begun from `begun` on and before `till`, and of their messages those from `since` on
    and before `until`. None is open."""

    till: datetime
    begun: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def with_messages_in(cls, asked: Asked) -> "Span":
        """Those that may hold a message of the days asked for, and these messages."""
        return cls(asked.until, since=asked.since, until=asked.until)

    @classmethod
    def begun_in(cls, asked: Asked) -> "Span":
        """Those that were sent in the days asked for, and all their messages."""
        return cls(asked.until, begun=asked.since)

    @classmethod
    def begun_before(cls, asked: Asked) -> "Span":
        """Those of which a response may have been due in the days asked for, and all their messages."""
        return cls(asked.until)


def source(
    actor: Actor, asked: Asked, span: Span, *, with_ends: bool = False, with_people: bool = False
) -> QueryString:
    """`WITH reported, said, levels`: the company's communications of that span, narrowed to an MPID and a process type,
    their messages of that span, and their levels at which a response was due in the days asked for.

    `said.is_ours`: written by the actor's company. `with_ends`: `reported.sender` and `recipient`, market participants,
    are known of what exists, too. `with_people`: so is `levels.person`, who gave the response that was due from us.
    """
    own, narrowed = actor.company_id, (asked.mpid or None, asked.process or None)
    return QueryString(
        _SOURCE,
        *(own, deleted_reported_to(actor).querystring, asked.since, span.till),
        *(_between("d.created_at", span.begun, None), _narrowed(actor, asked)),
        *(own, span.begun, span.till, span.since, *narrowed, with_ends),
        *(own, span.begun, span.till, span.since, span.until, *narrowed),
        *(own, _between("m.sent_at", span.since, span.until)),
        *(own, asked.since, asked.until, *narrowed, with_people),
        *(own, asked.since, asked.until),
    )


def _between(column: str, since: datetime | None, until: datetime | None) -> QueryString:
    """From `since` on and before `until`; None is open."""
    parts = [QueryString(f"{column} >= {{}}", since)] if since else []
    parts += [QueryString(f"{column} < {{}}", until)] if until else []
    return _all_of(parts)


def _narrowed(actor: Actor, asked: Asked) -> QueryString:
    """What was deleted (rows `d`) of one MPID and process type."""
    parts = []
    if asked.mpid:
        own = "SELECT m.id FROM market_participant m WHERE m.company = {} AND m.mpid = {}"
        end = "CASE d.side WHEN 'sender' THEN d.sender ELSE d.recipient END"
        parts.append(QueryString(f"{end} IN ({own})", actor.company_id, asked.mpid))
    if asked.process:
        parts.append(QueryString("d.process_type = (SELECT id FROM process_type WHERE code = {})", asked.process))
    return _all_of(parts)


def _all_of(parts: list[QueryString]) -> QueryString:
    return QueryString(" AND ".join(["{}"] * len(parts)) or "true", *parts)
