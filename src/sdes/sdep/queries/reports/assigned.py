"""SDES User Process Types (SD 12.1e, f): what one person, or everybody of the company, is assigned to."""

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.sdep.access import reported_to
from sdes.sdep.reports.asked import Asked

# The MPIDs of an assignment are the company's own in market roles that may send or receive the process type.
_ASSIGNED = """
WITH mpids AS (
    SELECT DISTINCT r.process_type, m.mpid
      FROM market_participant m
      JOIN process_route r ON m.role IN (r.from_role, r.to_role)
     WHERE m.company = {} AND m.effective_from <= {} AND (m.effective_to IS NULL OR m.effective_to >= {})
)
SELECT n.name AS person, n.email, t.title AS process, t.contact_type, t.fuel, a.levels,
       (SELECT coalesce(string_agg(i.mpid, ', ' ORDER BY i.mpid), '') FROM mpids i
         WHERE i.process_type = a.process_type) AS mpids, count(*) OVER ()::int AS total
  FROM (SELECT person, process_type, string_agg(level::text, ', ' ORDER BY level) AS levels
          FROM assignment p WHERE {} AND {} GROUP BY person, process_type) a
  JOIN person n ON n.id = a.person AND n.state <> 'deleted'
  JOIN process_type t ON t.id = a.process_type
 WHERE {}
 ORDER BY lower(n.name), n.id, t.title, t.contact_type, t.fuel, t.id LIMIT {}
"""


def statement(actor: Actor, asked: Asked, most: int) -> QueryString:
    """The rows of either report: `asked.person` makes it one person's. MPIDs are those in effect on the last day asked
    for, which is today."""
    today = asked.last
    person = QueryString("p.person = {}", asked.person) if asked.person else QueryString("true")
    own = reported_to(actor).querystring
    return QueryString(_ASSIGNED, actor.company_id, today, today, own, person, _narrowed(asked), most)


def _narrowed(asked: Asked) -> QueryString:
    parts = []
    if asked.mpid:
        parts.append(
            QueryString(
                "EXISTS (SELECT 1 FROM mpids i WHERE i.process_type = a.process_type AND i.mpid = {})", asked.mpid
            )
        )
    if asked.process:
        parts.append(QueryString("t.code = {}", asked.process))
    return QueryString(" AND ".join(["{}"] * len(parts)) or "true", *parts)
