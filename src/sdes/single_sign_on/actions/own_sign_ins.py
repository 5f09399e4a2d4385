"""One's own sign-ins at other services, ended from here: their clients are told nothing more."""

from collections.abc import Sequence

from sdes import auditlog
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.kit.errors import NotFound
from sdes.single_sign_on.queries import own_offline_sign_ins
from sdes.single_sign_on.tables import OidcGrant

_END = """
UPDATE oidc_grant g SET revoked_at = $2 FROM oidc_client k
 WHERE g.id = ANY ($1) AND g.revoked_at IS NULL AND k.id = g.client RETURNING k.name
"""


async def end_sign_in(actor: Actor, sign_in_id: int) -> None:
    """Ends one of the actor's own. One that has ended already stays so; another person's is not found."""
    rows = await OidcGrant.select(OidcGrant.id).where(OidcGrant.person == actor.person_id)
    if sign_in_id not in [row["id"] for row in rows]:
        raise NotFound("There is no such sign-in of yours.")
    await _end(actor, [sign_in_id])


async def end_sign_ins(actor: Actor) -> None:
    """Ends all of the actor's own that may outlast a session, whichever it is, this one's too."""
    await _end(actor, [one.id for one in await own_offline_sign_ins(actor)])


async def _end(actor: Actor, sign_in_ids: Sequence[int]) -> None:
    for row in await db.fetch(_END, list(sign_in_ids), clock.now()):
        await auditlog.record(
            actor,
            "single-sign-on.grant.ended",
            subject=f"person {actor.person_id}",
            detail=f"{actor.name}: ended the sign-in to {row['name']}",
            about_company=actor.company_id,
        )
