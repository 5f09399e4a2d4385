"""Authorised Persons are created, changed, suspended and deleted by their MAU or a deputy (SD 2.3, 2.6)."""

from collections.abc import Collection
from dataclasses import dataclass

import asyncpg

from sdes import auditlog
from sdes.accounts.actions import links
from sdes.accounts.actions.passwords import end_sessions, send_single_use_password
from sdes.accounts.functions import SystemFunction, grantable
from sdes.accounts.queries import person_row
from sdes.accounts.tables import (
    AccountLink,
    Assignment,
    KnownBrowser,
    Passkey,
    Person,
    PersonState,
    RecoveryCode,
    Session,
)
from sdes.actor import Actor
from sdes.administration.access import (
    why_functions_are_fixed,
    why_no_password,
    why_no_proxy,
    why_not_changed,
    why_not_removed,
    why_user_administration_stays,
)
from sdes.administration.actions.assignments import change, hand_over, lock_people
from sdes.administration.queries.people import person
from sdes.administration.views.people import PersonView
from sdes.catalogue.rules import UseCase
from sdes.kit import clock, db
from sdes.kit.errors import Refused

# When what became of a person; nothing of it is kept of one who was deleted.
_NOTED = (
    Person.email_verified_at,
    Person.password_expires_at,
    Person.last_sign_in_at,
    Person.reinstated_at,
    Person.warned_from,
)
TAKEN = "This e-mail address already has an account. Each address belongs to one person of one company only."


@dataclass(frozen=True)
class NewPerson:
    """Who is to have an account. `email` is kept as typed and compared in lower case."""

    name: str
    email: str
    is_proxy_address: bool = False
    functions: tuple[str, ...] = ()
    use_cases: frozenset[UseCase] = frozenset()


async def create(actor: Actor, new: NewPerson) -> int:
    """Makes an account in the actor's company, with a single-use password sent by e-mail; gives the person's id.

    Refuses an address that has an account in whatever company (not told in which), and functions and use cases that
    the company cannot have. (SD 2.3, 2.6, SL 21)
    """
    await lock_people(actor)
    _refuse_functions(actor, new.functions)
    _refuse(why_user_administration_stays(actor, new.functions))
    person_id = await insert(actor.company_id or 0, new)
    await _record(actor, "created", person_id, f"{new.name} <{new.email}>{_functions_text(new.functions)}")
    if new.use_cases:
        await change(actor, [(person_id, case) for case in new.use_cases], [])
    row = await Person.select().where(Person.id == person_id).first()
    assert row
    await send_single_use_password(actor, row, actor.company_name, again=False)
    return person_id


async def insert(company_id: int, new: NewPerson, *, is_master_admin: bool = False) -> int:
    """The row of a new person, without a password. Refuses an address that is taken (SL 21)."""
    try:
        async with db.transaction():
            made = await Person.insert(
                Person(
                    company=company_id,
                    email=new.email,
                    email_key=new.email.lower(),
                    name=new.name,
                    is_master_admin=is_master_admin,
                    functions=list(new.functions),
                    is_proxy_address=new.is_proxy_address,
                    created_at=clock.now(),
                )
            )
    except asyncpg.UniqueViolationError as cause:
        if cause.constraint_name == "person_one_master_admin":
            raise Refused("The company has a Master Admin User already: there is one for each company.") from cause
        raise Refused(TAKEN) from cause
    return int(made[0]["id"])


async def edit(actor: Actor, person_id: int, *, name: str, email: str, is_proxy_address: bool) -> None:
    """Changes a person's details (SD 2.6). A changed address has to be verified anew, and ends their sessions; who has
    not chosen a password yet gets another single-use one there, and what was sent to the old address is void."""
    await lock_people(actor)
    before = await person(actor, person_id)
    _refuse(why_not_changed(actor, before))
    if is_proxy_address and not before.is_proxy_address:
        _refuse(why_no_proxy(before))
    as_it_was = await person_row(person_id)
    moved = email.lower() != before.email.lower()
    try:
        async with db.transaction():
            await Person.update(
                {
                    Person.name: name,
                    Person.email: email,
                    Person.email_key: email.lower(),
                    Person.is_proxy_address: is_proxy_address,
                    Person.email_verified_at: None if moved else before.email_verified_at,
                }
            ).where(Person.id == person_id)
    except asyncpg.UniqueViolationError as cause:
        raise Refused(TAKEN) from cause
    said = [f"{before.name} is now {name}"] if name != before.name else [name]
    said += [f"address {before.email} is now {email}"] if email != before.email else []
    said += (
        [f"proxy address: {'yes' if is_proxy_address else 'no'}"] if is_proxy_address != before.is_proxy_address else []
    )
    if len(said) > 1 or name != before.name:
        await _record(actor, "changed", person_id, "; ".join(said))
    if moved:
        assert as_it_was
        await end_sessions(person_id, but=actor.session_id)
        await links.void_links(person_id)
        await links.tell_former_address(as_it_was, actor.name)
        if before.is_waiting and before.is_active:
            await _send_password(actor, person_id)
        else:
            await links.send_verification(person_id)


async def grant(actor: Actor, person_id: int, functions: Collection[str]) -> None:
    """Gives a person exactly these system functions (SD 2.6)."""
    await lock_people(actor)
    before = await person(actor, person_id)
    if set(before.functions) == set(functions):
        return
    _refuse(why_functions_are_fixed(actor, before))
    _refuse_functions(actor, set(functions) - set(before.functions))
    _refuse(why_user_administration_stays(actor, set(functions) ^ set(before.functions)))
    kept = [one.value for one in SystemFunction if one in functions]
    await Person.update({Person.functions: kept}).where(Person.id == person_id)
    await _record(actor, "granted", person_id, f"{before.name}{_functions_text(kept) or ', no system functions'}")


async def suspend(actor: Actor, person_id: int, *, to: int | None = None, mau_takes: bool = False) -> None:
    """Shuts a person out until they are reinstated. What they are the last active person of goes to `to` or to the
    MAU; refused (`LeftWithNobody`) where neither is named. They keep their assignments. (SD 2.5(b))"""
    leaver = await _leaver(actor, person_id, to, mau_takes)
    await Person.update({Person.state: PersonState.SUSPENDED.value}).where(Person.id == person_id)
    await end_sessions(person_id)
    await _record(actor, "suspended", person_id, leaver.name)


async def reinstate(actor: Actor, person_id: int) -> None:
    """Lets a suspended person in again, who then works on what they are assigned to; their inactivity counts anew."""
    await lock_people(actor)
    one = await person(actor, person_id)
    if one.is_active:
        return
    await Person.update(
        {
            Person.state: PersonState.ACTIVE.value,
            Person.reinstated_at: clock.now(),
            Person.warned_from: None,
            Person.was_last_user: False,
        }
    ).where(Person.id == person_id)
    await _record(actor, "reinstated", person_id, one.name)
    await change(actor, [], [])  # relieves the Master Admin User where they stood in


async def delete(actor: Actor, person_id: int, *, to: int | None = None, mau_takes: bool = False) -> None:
    """Deletes a person's account, handing over like `suspend`: their row is blanked, never dropped (SD 2.6, 2.7)."""
    leaver = await _leaver(actor, person_id, to, mau_takes)
    await blank(person_id)
    await _record(actor, "deleted", person_id, f"{leaver.name} <{leaver.email}>")


async def blank(*person_ids: int) -> None:
    """Leaves nothing of people but the number of their rows, in the same few statements however many they are. The
    open transaction must be of their company."""
    await shut_out(*person_ids)
    for table in (Assignment, Passkey, RecoveryCode, KnownBrowser):
        await table.delete().where(table.person.is_in(list(person_ids)))
    await Person.update(
        {
            Person.name: "Deleted person",
            Person.email: "",
            Person.state: PersonState.DELETED.value,
            Person.is_master_admin: False,
            Person.functions: [],
            Person.password_hash: "",
            Person.password_is_single_use: False,
            Person.totp_secret: None,
            Person.totp_confirmed_at: None,
            Person.totp_last_step: 0,
            Person.deleted_at: clock.now(),
            **dict.fromkeys(_NOTED, None),
            Person.is_proxy_address: False,
            Person.was_last_user: False,
            Person.theme: "",
            Person.density: "comfortable",
            Person.has_keys: True,
            Person.page_size: 25,
        }
    ).where(Person.id.is_in(list(person_ids)))
    await db.fetch("UPDATE person SET email_key = 'deleted:' || id WHERE id = ANY($1)", list(person_ids))


async def shut_out(*person_ids: int) -> None:
    """Ends people's sessions and voids the links that they were sent. The open transaction must be of their company."""
    now = clock.now()
    for ended, table in ((Session.ended_at, Session), (AccountLink.used_at, AccountLink)):
        await table.update({ended: now}).where(table.person.is_in(list(person_ids)), ended.is_null())


async def reset_password(actor: Actor, person_id: int) -> None:
    """Sends a person a new single-use password and ends their sessions (SD 2.3, 2.6)."""
    await lock_people(actor)
    one = await person(actor, person_id)
    _refuse(why_no_password(actor, one))
    await _send_password(actor, person_id)
    await _record(actor, "password-reset", person_id, one.name)


async def _send_password(actor: Actor, person_id: int) -> None:
    row = await Person.select().where(Person.id == person_id).first()
    assert row
    await send_single_use_password(actor, row, actor.company_name, again=True)


async def _leaver(actor: Actor, person_id: int, to: int | None, mau_takes: bool) -> PersonView:
    await lock_people(actor)
    leaver = await person(actor, person_id)
    _refuse(why_not_removed(actor, leaver))
    await hand_over(actor, [leaver], to, mau_takes=mau_takes)
    return leaver


def _refuse(why: str) -> None:
    if why:
        raise Refused(why)


def _refuse_functions(actor: Actor, functions: Collection[str]) -> None:
    allowed = grantable(actor.market_roles)
    if outside := [one for one in functions if one not in allowed]:
        known = [SystemFunction(one).label for one in outside if one in list(SystemFunction)]
        raise Refused(f"Your company's market roles do not include {', '.join(known) or 'this function'}.")


def _functions_text(functions: Collection[str]) -> str:
    return "".join(f", {SystemFunction(one).label}" for one in functions)


async def _record(actor: Actor, verb: str, person_id: int, detail: str) -> None:
    await auditlog.record(
        actor,
        f"administration.person.{verb}",
        subject=f"person {person_id}",
        detail=detail,
        about_company=actor.company_id,
    )
