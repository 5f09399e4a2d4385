"""Messages Sent and Responded (SD 12.1b): counts by MPID and process type, of everybody or of one person."""

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.sdep.queries.reports.source import Span, source
from sdes.sdep.reports.asked import Asked

# A response is the first message of the company that was written to. A person's: what they opened, what they answered.
# What was deleted keeps the words that its process type had then: after a change of its title it is a line of its own.
_COUNTS = """{}, talk AS (
    SELECT communication, (array_agg(person ORDER BY number))[1] AS opened_by,
           (array_agg(person ORDER BY number) FILTER (WHERE is_ours = (side = 'recipient')))[1] AS answered_by,
           bool_or(is_ours = (side = 'recipient')) AS is_answered
      FROM said GROUP BY communication
)
SELECT f.own_mpid, f.process_type, w.title AS process, w.contact_type, w.fuel, sum(f.sent)::int AS sent,
       sum(f.sent_answered)::int AS sent_answered, sum(f.received)::int AS received,
       sum(f.received_answered)::int AS received_answered, count(*) OVER ()::int AS total
  FROM (SELECT own.mpid AS own_mpid, r.process_type, r.facts -> 'process' AS words,
               count(*) FILTER (WHERE r.side = 'sender')::int AS sent,
               count(*) FILTER (WHERE r.side = 'sender' AND k.is_answered)::int AS sent_answered,
               count(*) FILTER (WHERE r.side = 'recipient')::int AS received,
               count(*) FILTER (WHERE r.side = 'recipient' AND k.is_answered)::int AS received_answered
          FROM reported r LEFT JOIN talk k ON k.communication = r.id
          JOIN market_participant own ON own.id = CASE r.side WHEN 'sender' THEN r.sender ELSE r.recipient END
         WHERE {} GROUP BY own.mpid, r.process_type, words) f
  JOIN process_type t ON t.id = f.process_type
  JOIN LATERAL jsonb_to_record(coalesce(f.words, to_jsonb(t))) AS w(title text, contact_type text, fuel text) ON true
 GROUP BY f.own_mpid, f.process_type, w.title, w.contact_type, w.fuel
 ORDER BY f.own_mpid, w.title, w.contact_type, w.fuel, f.process_type LIMIT {}
"""


def statement(actor: Actor, asked: Asked, most: int) -> QueryString:
    """The rows of the report."""
    by_person = QueryString("CASE r.side WHEN 'sender' THEN k.opened_by ELSE k.answered_by END = {}", asked.person)
    narrowed = by_person if asked.person else QueryString("true")
    return QueryString(_COUNTS, source(actor, asked, Span.begun_in(asked), with_ends=True), narrowed, most)
