"""Writes of accounts: signing in and out, passwords, how the pages look."""

from datetime import timedelta
from typing import Any

from sdes import auditlog
from sdes.accounts import passwords, rate_limits
from sdes.accounts.queries import own_password
from sdes.accounts.sessions import act_for, new_token, token_hash
from sdes.accounts.tables import Person, Session, SignInAttempt
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.settings import Settings

KEPT_AFTER_END = timedelta(days=7)
WRONG = "The e-mail address or the password is not right. Check both and try again."


async def sign_in(email: str, password: str, *, address: str, browser: str, settings: Settings) -> str | None:
    """A new session's token, or None for a wrong address or password (which is told apart by nobody).

    Refuses (429) after too many wrong passwords for the account or from the address. Runs in its own transactions,
    so that what is counted stays counted. (SD 2.2, 8.1)
    """
    email_key = email.lower()
    async with db.transaction():
        attempt = await rate_limits.begin_attempt(email_key, address)
        found = await db.fetch("SELECT * FROM sdes_find_account($1)", email_key)
        person = await _person(found[0]) if found else None
    usable = person is not None and not _single_use_is_over(person)
    right = await passwords.is_right(password, person["password_hash"] if person and usable else "")
    async with db.transaction():
        if person is None or not right:
            await auditlog.record(Actor.nobody(), "accounts.sign-in.refused", detail=address)
            return None
        await act_for(person["company"])
        await rate_limits.forgive(email_key, attempt)
        return await _open_session(person, address, browser, settings)


async def sign_out(actor: Actor) -> None:
    """Ends the actor's session."""
    await Session.update({Session.ended_at: clock.now()}).where(Session.id == actor.session_id)
    await auditlog.record(actor, "accounts.session.ended")


async def set_password(actor: Actor, password: str) -> None:
    """Replaces the actor's password, single-use or not, and ends the other sessions (SD 2.3)."""
    await Person.update(
        {
            Person.password_hash: await passwords.hashed(password),
            Person.password_is_single_use: False,
            Person.password_expires_at: None,
        }
    ).where(Person.id == actor.person_id)
    await Session.update({Session.ended_at: clock.now()}).where(
        Session.person == actor.person_id, Session.id != actor.session_id, Session.ended_at.is_null()
    )
    await auditlog.record(actor, "accounts.password.changed")


async def current_password_is_right(actor: Actor, password: str, address: str) -> bool:
    """Whether the actor knows the present password, asked before it is changed.

    Counted with the wrong passwords at sign-in, and refused (429) like them. Runs in its own transactions.
    """
    async with db.transaction():
        await act_for(actor.company_id)
        attempt = await rate_limits.begin_attempt(actor.email.lower(), address)
        known = await own_password(actor)
    if not await passwords.is_right(password, known):
        return False
    async with db.transaction():
        await rate_limits.forgive(actor.email.lower(), attempt)
    return True


async def set_display(actor: Actor, **chosen: Any) -> None:
    """Remembers how the actor wants the pages: any of theme, density, has_keys, page_size."""
    await Person.update(dict(chosen.items())).where(Person.id == actor.person_id)


async def forget_old_sessions(actor: Actor) -> None:
    """Drops what ended more than `KEPT_AFTER_END` ago; the audit log keeps who signed in and when."""
    assert actor.is_system
    long_ago = clock.now() - KEPT_AFTER_END
    await Session.delete().where((Session.expires_at < long_ago) | (Session.ended_at < long_ago))
    await SignInAttempt.delete().where(SignInAttempt.at < long_ago)


async def _person(found: Any) -> dict[str, Any] | None:
    await act_for(found["company_id"])
    return await Person.select().where(Person.id == found["person_id"]).first()


def _single_use_is_over(person: dict[str, Any]) -> bool:
    ends = person["password_expires_at"]
    return bool(person["password_is_single_use"] and ends and ends < clock.now())


async def _open_session(person: dict[str, Any], address: str, browser: str, settings: Settings) -> str:
    token = new_token()
    now = clock.now()
    await Session.insert(
        Session(
            company=person["company"],
            person=person["id"],
            token_hash=token_hash(token),
            created_at=now,
            last_seen_at=now,
            expires_at=now + settings.session_absolute,
            address=address[:64],
            browser=browser[:200],
        )
    )
    await Person.update({Person.last_sign_in_at: now}).where(Person.id == person["id"])
    rows = await db.fetch("SELECT name FROM company WHERE id = $1", person["company"])
    actor = Actor(
        person_id=person["id"], company_id=person["company"], name=person["name"], company_name=rows[0]["name"]
    )
    await auditlog.record(actor, "accounts.session.started", detail=address)
    return token
