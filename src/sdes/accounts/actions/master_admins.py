"""What passes from one Master Admin User to the next, whoever appoints them (SD 2.4, 2.7(c))."""

from sdes.kit import db

_TAKE_OVER = """
WITH handed AS (
    DELETE FROM assignment WHERE company = $1 AND person = $2 AND is_default_contact RETURNING process_type, level
)
INSERT INTO assignment (company, person, process_type, level, is_default_contact)
SELECT $1, $3, h.process_type, h.level, NOT EXISTS (
           SELECT 1 FROM assignment o JOIN person p ON p.id = o.person AND p.state = 'active'
            WHERE o.company = $1 AND o.person NOT IN ($2, $3) AND o.process_type = h.process_type AND o.level = h.level)
  FROM handed h ON CONFLICT DO NOTHING RETURNING id
"""


async def take_over_default_contacts(company_id: int, former: int, heir: int) -> int:
    """Puts the person `heir` where the person `former` stood in for nobody; gives in how many use cases they were not
    before. The open transaction must be of their company, whose people are locked."""
    return len(await db.fetch(_TAKE_OVER, company_id, former, heir))
