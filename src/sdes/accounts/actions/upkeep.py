"""How the pages look, and what is forgotten in time."""

from datetime import timedelta
from typing import Any

from sdes.accounts.tables import Person, Session, SignInAttempt
from sdes.actor import Actor
from sdes.kit import clock

KEPT_AFTER_END = timedelta(days=7)


async def set_display(actor: Actor, **chosen: Any) -> None:
    """Remembers how the actor wants the pages: any of theme, density, has_keys, page_size."""
    await Person.update(dict(chosen.items())).where(Person.id == actor.person_id)


async def forget_old_sessions(actor: Actor) -> None:
    """Drops what ended more than `KEPT_AFTER_END` ago; the audit log keeps who signed in and when."""
    assert actor.is_system
    long_ago = clock.now() - KEPT_AFTER_END
    await Session.delete().where((Session.expires_at < long_ago) | (Session.ended_at < long_ago))
    await SignInAttempt.delete().where(SignInAttempt.at < long_ago)
