"""The one source of all reports: communications, messages and levels, those of deleted communications included."""

from dataclasses import dataclass

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.sdep.access import deleted_reported_to, reported_to
from sdes.sdep.reports.asked import Asked

# `facts` are null for what still exists, and all there is of what was deleted. `said` and `levels` are read only where
# a report names them. Market participants are joined as the foreign keys go, so that the planner knows how many rows to
# expect: where it expects few, it joins these sources row by row.
_SOURCE = """
WITH reported AS (
    SELECT c.id::bigint AS id, c.reference, c.subject, c.process_type::bigint AS process_type, p.side,
           p.other_company::bigint AS other, c.level, c.created_at, c.last_message_at,
           CASE p.side WHEN 'sender' THEN s.mpid ELSE r.mpid END AS own_mpid,
           CASE p.side WHEN 'sender' THEN r.mpid ELSE s.mpid END AS other_mpid, p.owner AS owner_id,
           NULL::jsonb AS facts
      FROM communication_party p
      JOIN communication c ON c.id = p.communication
      JOIN market_participant s ON s.id = c.sender
      JOIN market_participant r ON r.id = c.recipient
     WHERE {} AND {} AND {}
    UNION ALL
    SELECT d.communication, d.reference, NULL, d.process_type, d.side,
           CASE d.side WHEN 'sender' THEN d.companies[2] ELSE d.companies[1] END, d.level, d.created_at,
           coalesce((SELECT max((m ->> 'sent_at')::timestamptz) FROM jsonb_array_elements(d.facts -> 'messages') m),
                    d.created_at),
           CASE d.side WHEN 'sender' THEN s.mpid ELSE r.mpid END, CASE d.side WHEN 'sender' THEN r.mpid ELSE s.mpid END,
           NULL, d.facts
      FROM (SELECT d.*, CASE WHEN d.companies[1] = {} THEN 'sender' ELSE 'recipient' END AS side
              FROM deleted_communication d WHERE {} AND d.deleted_at >= {} AND {}) d
      JOIN market_participant s ON s.id = d.sender
      JOIN market_participant r ON r.id = d.recipient
     WHERE {}
), said AS (
    SELECT r.id AS communication, r.side, m.number, m.company = {} AS is_ours, m.person, m.sent_at
      FROM reported r JOIN message m ON m.communication = r.id
    UNION ALL
    SELECT r.id, r.side, m.number, m.company = {}, m.person, m.sent_at
      FROM reported r, jsonb_to_recordset(r.facts -> 'messages')
           AS m(number int, company bigint, person int, sent_at timestamptz)
), levels AS (
    SELECT r.id AS communication, r.side, r.process_type, l.number, l.due_at, l.responded_at
      FROM reported r JOIN communication_level l ON l.communication = r.id
    UNION ALL
    SELECT r.id, r.side, r.process_type, l.number, l.due_at, l.responded_at
      FROM reported r, jsonb_to_recordset(r.facts -> 'levels')
           AS l(number smallint, due_at timestamptz, responded_at timestamptz)
)
"""


@dataclass(frozen=True)
class Span:
    """Which communications may matter: clauses on `p`, those that exist, and on `d`, those that were deleted."""

    existing: QueryString
    deleted: QueryString

    @classmethod
    def with_messages_in(cls, asked: Asked) -> "Span":
        """Those that may hold a message of the days asked for."""
        return cls(
            QueryString("p.last_message_at >= {} AND p.created_at < {}", asked.since, asked.until),
            QueryString("d.created_at < {}", asked.until),
        )

    @classmethod
    def begun_in(cls, asked: Asked) -> "Span":
        """Those that were sent in the days asked for."""
        return cls(
            QueryString("p.created_at >= {} AND p.created_at < {}", asked.since, asked.until),
            QueryString("d.created_at >= {} AND d.created_at < {}", asked.since, asked.until),
        )

    @classmethod
    def begun_before(cls, asked: Asked) -> "Span":
        """Those of which a response may have been due in the days asked for."""
        return cls(QueryString("p.created_at < {}", asked.until), QueryString("d.created_at < {}", asked.until))


def source(actor: Actor, asked: Asked, span: Span) -> QueryString:
    """`WITH reported, said, levels`: the company's communications of that span, narrowed to an MPID and a process type,
    with their messages and levels. `said.is_ours`: written by the actor's company."""
    return QueryString(
        _SOURCE,
        reported_to(actor).querystring,
        span.existing,
        _narrowed(asked, "p", "c"),
        actor.company_id,
        deleted_reported_to(actor).querystring,
        asked.since,
        span.deleted,
        _narrowed(asked, "d", "d"),
        actor.company_id,
        actor.company_id,
    )


def _narrowed(asked: Asked, sided: str, table: str) -> QueryString:
    parts = []
    if asked.mpid:
        parts.append(QueryString(f"CASE {sided}.side WHEN 'sender' THEN s.mpid ELSE r.mpid END = {{}}", asked.mpid))
    if asked.process:
        parts.append(
            QueryString(f"{table}.process_type = (SELECT id FROM process_type WHERE code = {{}})", asked.process)
        )
    return QueryString(" AND ".join(["{}"] * len(parts)) or "true", *parts)
