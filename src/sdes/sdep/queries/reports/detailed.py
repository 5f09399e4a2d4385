"""Communications as a list report shows them: names beside what the source knows by number."""

from piccolo.querystring import QueryString

from sdes.actor import Actor

# Words and names are looked up for the rows alone that are shown; their number is of all. What was deleted keeps the
# words that its process type had then.
_DETAILED = """
SELECT f.*, coalesce(c.reference, f.old_reference) AS reference, c.subject, f.facts IS NOT NULL AS is_deleted,
       w.title AS process, w.contact_type, w.fuel, x.name AS other_company, o.name AS owner, l.due_at, l.responded_at,
       CASE f.side WHEN 'sender' THEN s.mpid ELSE e.mpid END AS own_mpid,
       CASE f.side WHEN 'sender' THEN e.mpid ELSE s.mpid END AS other_mpid,
       CASE f.side WHEN 'sender' THEN x.name ELSE {} END AS due_from,
       CASE WHEN l.responded_at IS NULL THEN 'Not answered' ELSE 'Late' END AS answer,
       coalesce((SELECT m.person_name FROM message m WHERE m.communication = f.id AND m.number = 1),
                (SELECT m ->> 'person_name' FROM jsonb_array_elements(f.facts -> 'messages') m
                  WHERE (m ->> 'number')::int = 1), '') AS sender
  FROM (SELECT r.id, r.old_reference, r.process_type, r.side, r.other, {} AS level, r.created_at, r.last_message_at,
               r.sender AS sender_id, r.recipient AS recipient_id, r.owner_id, r.facts, {}
               count(*) OVER ()::int AS total
          FROM reported r {}
         ORDER BY r.created_at DESC, r.id DESC, level LIMIT {}) f
  LEFT JOIN communication c ON c.id = f.id
  JOIN process_type t ON t.id = f.process_type
  JOIN LATERAL jsonb_to_record(coalesce(f.facts -> 'process', to_jsonb(t)))
       AS w(title text, contact_type text, fuel text) ON true
  JOIN company x ON x.id = f.other
  JOIN market_participant s ON s.id = coalesce(c.sender, f.sender_id)
  JOIN market_participant e ON e.id = coalesce(c.recipient, f.recipient_id)
  LEFT JOIN person o ON o.id = f.owner_id
  LEFT JOIN LATERAL (
       SELECT c.due_at, c.responded_at FROM communication_level c WHERE c.communication = f.id AND c.number = f.level
        UNION ALL
       SELECT c.due_at, c.responded_at FROM jsonb_to_recordset(f.facts -> 'levels')
           AS c(number int, due_at timestamptz, responded_at timestamptz) WHERE c.number = f.level
        LIMIT 1) l ON true
 ORDER BY f.created_at DESC, f.id DESC, f.level
"""


def detailed(actor: Actor, joined: str, most: int, *, level: str = "r.level", more: str = "") -> QueryString:
    """The end of a statement: rows of `reported r`, joined with what narrows them (SQL), newest first, at most `most`;
    `more` is further columns. Each row tells how many there are in all, as `total`."""
    return QueryString(_DETAILED, actor.company_name, QueryString(level), QueryString(more), QueryString(joined), most)
