"""How the pages look, and what is forgotten in time."""

from datetime import timedelta
from typing import Any

from sdes.accounts.cookies import KNOWN_FOR
from sdes.accounts.tables import AccountLink, KnownBrowser, Person, Session, SignInAttempt
from sdes.actor import Actor
from sdes.kit import clock

KEPT_AFTER_END = timedelta(days=7)


async def set_display(actor: Actor, **chosen: Any) -> None:
    """Remembers how the actor wants the pages: any of theme, density, has_keys, page_size."""
    await Person.update(dict(chosen.items())).where(Person.id == actor.person_id)


async def forget_old_sessions(actor: Actor) -> None:
    """Drops sessions and links that ended more than `KEPT_AFTER_END` ago, and marks of browsers whose cookie is gone;
    the audit log keeps who signed in and when."""
    assert actor.is_system
    long_ago = clock.now() - KEPT_AFTER_END
    await Session.delete().where((Session.expires_at < long_ago) | (Session.ended_at < long_ago))
    await SignInAttempt.delete().where(SignInAttempt.at < long_ago)
    await AccountLink.delete().where(AccountLink.expires_at < long_ago)
    await KnownBrowser.delete().where(KnownBrowser.first_seen_at < clock.now() - KNOWN_FOR)
