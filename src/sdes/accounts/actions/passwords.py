"""Passwords: one's own, and the single-use ones that are sent by e-mail (SD 2.3)."""

from datetime import datetime, timedelta
from typing import Any

from sdes import auditlog, mail
from sdes.accounts import passwords, rate_limits
from sdes.accounts.actions.links import void_links
from sdes.accounts.actions.refusals import record_locks, record_refusal
from sdes.accounts.queries import master_admin_name, own_password, person_row, who_helps
from sdes.accounts.sessions import act_for
from sdes.accounts.tables import AccountLink, LinkPurpose, Person, Session
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.permissions import Role

SINGLE_USE_LASTS = timedelta(days=7)


async def set_password(actor: Actor, password: str) -> None:
    """Replaces the actor's password, single-use or not, and ends the other sessions (SD 2.3). Who had one of their own
    is told by e-mail. Runs in its own transaction."""
    hashed = await passwords.hashed(password)
    async with db.transaction():
        await act_for(actor.company_id)
        await replace_password(actor.person_id, hashed, but=actor.session_id)
        if Role.NEWCOMER not in actor.roles:
            await tell_of_change(await person_row(actor.person_id))
        await auditlog.record(actor, "accounts.password.changed", about_company=actor.company_id)


async def replace_password(person_id: int | None, hashed: str, *, but: int | None = None) -> None:
    """Gives the person the password with that hash, to keep; ends their sessions (all, or all but one) and voids the
    links by which another could be set. The open transaction must be of their company."""
    await Person.update(
        {Person.password_hash: hashed, Person.password_is_single_use: False, Person.password_expires_at: None}
    ).where(Person.id == person_id)
    await end_sessions(person_id, but=but)
    await void_links(person_id, LinkPurpose.RESET)


async def tell_of_change(person: dict[str, Any] | None) -> None:
    """Tells the person by e-mail that their password was changed. The open transaction must be of their company."""
    assert person
    await mail.post(
        "password_changed",
        to_address=person["email"],
        to_name=person["name"],
        company_id=person["company"],
        person_id=person["id"],
        at=f"{clock.local(clock.now()):%-d %B %Y, %H:%M}",
        helper=await who_helps(person),
    )


async def is_present_password(actor: Actor, password: str) -> bool:
    """Whether `password` is the one that the actor signed in with, which a new one must not be. Runs in its own
    transaction."""
    async with db.transaction():
        await act_for(actor.company_id)
        known = await own_password(actor)
    return await passwords.is_right(password, known)


async def current_password_is_right(actor: Actor, password: str, address: str) -> bool:
    """Whether the actor knows the present password, asked before it is changed.

    Counted with the wrong passwords at sign-in, and refused (429) like them. Runs in its own transactions.
    """
    email_key = actor.email.lower()
    async with db.transaction():
        await act_for(actor.company_id)
        attempt = await rate_limits.begin_attempt(email_key, address)
        known = await own_password(actor)
    right = await passwords.is_right(password, known)
    async with db.transaction():
        await act_for(actor.company_id)
        if right:
            await rate_limits.forgive(email_key, attempt)
            return True
        person = await person_row(actor.person_id)
        await record_refusal(person, f"wrong present password, from {address}", event="accounts.password.refused")
        await record_locks(person, email_key, address, attempt)
    return False


async def send_single_use_password(actor: Actor, person: dict[str, Any], company_name: str, *, again: bool) -> None:
    """Gives the person a new single-use password by e-mail, in place of whatever they had, ends their sessions and
    forgives the wrong passwords of before.

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
    await void_links(person["id"], LinkPurpose.RESET)
    await rate_limits.forgive(person["email_key"])
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
        master_admin="" if person["is_master_admin"] else await master_admin_name(person["company"]) or actor.name,
    )


async def use_up_single_use(person: dict[str, Any]) -> bool:
    """Uses up the single-use password that was given with that row of the person: False if it is too old or was used.

    One that came by e-mail also shows that the address is theirs (SD 2.3, 11.1(f)). The open transaction must be of
    their company.
    """
    rows = await db.fetch(
        "SELECT password_expires_at AS ends FROM person"
        " WHERE id = $1 AND password_is_single_use AND password_hash = $2 FOR UPDATE",
        person["id"],
        person["password_hash"],
    )
    now = clock.now()
    if not rows or (rows[0]["ends"] and rows[0]["ends"] <= now):
        return False
    changes: dict[Any, Any] = {Person.password_expires_at: now}
    if not person["email_verified_at"] and await _came_to_present_address(person, rows[0]["ends"]):
        changes[Person.email_verified_at] = now
    await Person.update(changes).where(Person.id == person["id"])
    return True


async def end_sessions(person_id: int | None, *, but: int | None = None) -> None:
    """Ends the person's sessions, all or all but one."""
    others = (Session.person == person_id) & Session.ended_at.is_null()
    await Session.update({Session.ended_at: clock.now()}).where(others & (Session.id != but) if but else others)


async def _came_to_present_address(person: dict[str, Any], ends: datetime | None) -> bool:
    """Not if the address was changed after the password was sent: it is then to be verified by a link."""
    return ends is not None and not await AccountLink.exists().where(
        AccountLink.person == person["id"],
        AccountLink.purpose == LinkPurpose.VERIFY.value,
        AccountLink.created_at >= ends - SINGLE_USE_LASTS,
    )
