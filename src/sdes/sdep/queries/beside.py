"""What stands beside every list and is the actor's own, in one look: how many drafts, which saved filters."""

from sdes.actor import Actor
from sdes.kit import db
from sdes.sdep.access import OWN_DRAFTS
from sdes.sdep.filters import SavedFilterView
from sdes.sdep.queries.saved_filters import ORDER, SAVED

_BESIDE = f"""
SELECT (SELECT count(*) FROM draft WHERE {OWN_DRAFTS.format("$1", "$2")}) AS drafts,
       ARRAY(SELECT ROW(s.id, s.name::text, s.query::text, s.is_shared, s.person, s.person_name::text)
               FROM ({SAVED} {ORDER} LIMIT $3) s) AS saved
"""


async def beside(actor: Actor, most: int) -> tuple[int, list[SavedFilterView]]:
    """How many drafts the actor has, and at most `most` of the filters that exist for them, their own first."""
    (row,) = await db.fetch(_BESIDE, actor.company_id, actor.person_id, most)
    return row["drafts"], [SavedFilterView(*saved) for saved in row["saved"]]
