"""Passwords: one's own, and the single-use ones that are sent by e-mail (SD 2.3)."""

from datetime import timedelta
from typing import Any

from sdes import auditlog, mail
from sdes.accounts import passwords, rate_limits
from sdes.accounts.queries import master_admin_name, own_password
from sdes.accounts.sessions import act_for
from sdes.accounts.tables import Person, Session
from sdes.actor import Actor
from sdes.kit import clock, db

SINGLE_USE_LASTS = timedelta(days=7)


async def set_password(actor: Actor, password: str) -> None:
    """Replaces the actor's password, single-use or not, and ends the other sessions (SD 2.3)."""
    await Person.update(
        {
            Person.password_hash: await passwords.hashed(password),
            Person.password_is_single_use: False,
            Person.password_expires_at: None,
        }
    ).where(Person.id == actor.person_id)
    await end_sessions(actor.person_id, but=actor.session_id)
    await auditlog.record(actor, "accounts.password.changed", about_company=actor.company_id)


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


async def send_single_use_password(actor: Actor, person: dict[str, Any], company_name: str, *, again: bool) -> None:
    """Gives the person a new single-use password by e-mail, in place of whatever they had, and ends their sessions.

    The open transaction must be of their company. `again` says that they had one before. (SD 2.3)
    """
    password = passwords.single_use()
    until = clock.now() + SINGLE_USE_LASTS
    await Person.update(
        {
            Person.password_hash: await passwords.hashed(password),
            Person.password_is_single_use: True,
            Person.password_expires_at: until,
        }
    ).where(Person.id == person["id"])
    await end_sessions(person["id"])
    await mail.post(
        "single_use_password",
        to_address=person["email"],
        to_name=person["name"],
        company_id=person["company"],
        person_id=person["id"],
        again=again,
        by=actor.name,
        company=company_name,
        password=password,
        until=f"{clock.local(until):%-d %B %Y, %H:%M}",
        master_admin=await master_admin_name(person["company"]) or actor.name,
    )


async def end_sessions(person_id: int | None, *, but: int | None = None) -> None:
    """Ends the person's sessions, all or all but one."""
    others = (Session.person == person_id) & Session.ended_at.is_null()
    await Session.update({Session.ended_at: clock.now()}).where(others & (Session.id != but) if but else others)
