"""The one source of all reports: communications, messages and levels, those of deleted communications included."""

from dataclasses import dataclass
from datetime import datetime

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.sdep.access import deleted_reported_to, reported_to
from sdes.sdep.reports.asked import Asked

# What exists is read by functions of the database that look past row-level security and give the company its own alone:
# asked of each row, that question takes longer than the report. `facts` are null for what still exists, and all there
# is of what was deleted. `said` and `levels` are read only where a report names them.
_SOURCE = """
WITH reported AS (
    SELECT p.communication AS id, NULL::text AS old_reference, p.process_type::bigint AS process_type, p.side,
           p.other_company::bigint AS other, p.level, p.created_at, p.last_message_at, p.sender::bigint AS sender,
           p.recipient::bigint AS recipient, p.owner AS owner_id, NULL::jsonb AS facts
      FROM sdep_report_communications({}, {}, {}, {}) p
     WHERE {} AND {}
    UNION ALL
    SELECT d.communication, d.reference, d.process_type, d.side,
           CASE d.side WHEN 'sender' THEN d.companies[2] ELSE d.companies[1] END, d.level, d.created_at,
           coalesce((SELECT max((m ->> 'sent_at')::timestamptz) FROM jsonb_array_elements(d.facts -> 'messages') m),
                    d.created_at),
           d.sender, d.recipient, NULL, d.facts
      FROM (SELECT d.*, CASE WHEN d.companies[1] = {} THEN 'sender' ELSE 'recipient' END AS side
              FROM deleted_communication d WHERE {} AND d.deleted_at >= {} AND d.created_at < {}) d
     WHERE {} AND {}
), said AS (
    SELECT r.id AS communication, r.side, m.number, m.company = {} AS is_ours, m.person, m.sent_at
      FROM reported r JOIN sdep_report_messages({}, {}, {}, {}) m ON m.communication = r.id
    UNION ALL
    SELECT r.id, r.side, m.number, m.company = {}, m.person, m.sent_at
      FROM reported r, jsonb_to_recordset(r.facts -> 'messages')
           AS m(number int, company bigint, person int, sent_at timestamptz)
), levels AS (
    SELECT r.id AS communication, r.process_type, r.side, l.number, l.due_at, l.responded_at, l.person
      FROM reported r JOIN sdep_report_levels({}, {}) l ON l.communication = r.id
    UNION ALL
    SELECT r.id, r.process_type, r.side, l.number, l.due_at, l.responded_at,
           (SELECT max(m.person) FROM jsonb_to_recordset(r.facts -> 'messages')
                AS m(company bigint, person int, sent_at timestamptz)
             WHERE r.side = 'recipient' AND m.company = {} AND m.sent_at = l.responded_at)
      FROM reported r, jsonb_to_recordset(r.facts -> 'levels')
           AS l(number smallint, due_at timestamptz, responded_at timestamptz)
     WHERE l.due_at >= {} AND l.due_at < {}
)
"""


@dataclass(frozen=True)
class Span:
    """Which communications matter: begun from `begun` on and before `till`. `since` and `until` bound the messages that
    `said` holds of those that exist. None is open."""

    till: datetime
    begun: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def with_messages_in(cls, asked: Asked) -> "Span":
        """Those that may hold a message of the days asked for."""
        return cls(asked.until, since=asked.since, until=asked.until)

    @classmethod
    def begun_in(cls, asked: Asked) -> "Span":
        """Those that were sent in the days asked for."""
        return cls(asked.until, begun=asked.since)

    @classmethod
    def begun_before(cls, asked: Asked) -> "Span":
        """Those of which a response may have been due in the days asked for."""
        return cls(asked.until)


def source(actor: Actor, asked: Asked, span: Span, *, with_ends: bool = False) -> QueryString:
    """`WITH reported, said, levels`: the company's communications of that span, narrowed to an MPID and a process type,
    with their messages, and with the levels at which a response was due in the days asked for.

    `said.is_ours`: written by the actor's company; `levels.person`: who of it gave the response that was due from it.
    `with_ends`: the market participants `sender` and `recipient` are known of those that exist, too.
    """
    begun = QueryString("d.created_at >= {}", span.begun) if span.begun else QueryString("true")
    return QueryString(
        _SOURCE,
        *(span.begun, span.till, span.since, with_ends or bool(asked.mpid)),
        *(reported_to(actor).querystring, _narrowed(actor, asked, "p")),
        *(actor.company_id, deleted_reported_to(actor).querystring, asked.since, span.till),
        *(begun, _narrowed(actor, asked, "d")),
        *(actor.company_id, span.begun, span.till, span.since, span.until, actor.company_id),
        *(asked.since, asked.until, actor.company_id, asked.since, asked.until),
    )


def _narrowed(actor: Actor, asked: Asked, table: str) -> QueryString:
    parts = []
    if asked.mpid:
        own = f"CASE {table}.side WHEN 'sender' THEN {table}.sender ELSE {table}.recipient END"
        own_ones = "SELECT id FROM market_participant WHERE company = {} AND mpid = {}"
        parts.append(QueryString(f"{own} IN ({own_ones})", actor.company_id, asked.mpid))
    if asked.process:
        parts.append(
            QueryString(f"{table}.process_type = (SELECT id FROM process_type WHERE code = {{}})", asked.process)
        )
    return QueryString(" AND ".join(["{}"] * len(parts)) or "true", *parts)
