"""One's own sessions, ended from another one, and what outlasts them elsewhere."""

from sdes import auditlog
from sdes.accounts.actions.passwords import end_sessions
from sdes.accounts.sign_ins_elsewhere import end_sign_ins_elsewhere
from sdes.accounts.tables import Session
from sdes.actor import Actor
from sdes.kit import clock
from sdes.kit.errors import NotFound


async def end_session(actor: Actor, session_id: int) -> None:
    """Ends one of the actor's own sessions. One that has ended already stays so; another person's is not found."""
    rows = await Session.select(Session.id).where(Session.person == actor.person_id)
    if session_id not in [row["id"] for row in rows]:
        raise NotFound("There is no such session of yours.")
    await Session.update({Session.ended_at: clock.now()}).where(Session.id == session_id, Session.ended_at.is_null())
    await _record(actor, f"{actor.name}: signed out another browser")


async def end_other_sessions(actor: Actor) -> None:
    """Ends all of the actor's sessions but the one that asks, and all that other services hold of them."""
    await end_sign_ins_elsewhere(actor)
    await end_sessions(actor.person_id, but=actor.session_id)
    await _record(actor, f"{actor.name}: signed out all other browsers")


async def _record(actor: Actor, detail: str) -> None:
    await auditlog.record(
        actor,
        "accounts.session.ended",
        subject=f"person {actor.person_id}",
        detail=detail,
        about_company=actor.company_id,
    )
