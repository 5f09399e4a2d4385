"""Signing in and out: what is asked for, and the session that it opens."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sdes import auditlog
from sdes.accounts import passwords, rate_limits
from sdes.accounts.queries import has_second_factor, overseer_companies
from sdes.accounts.sessions import act_for, new_token, token_hash
from sdes.accounts.tables import Person, PersonState, Session, SessionStage
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.settings import Settings

WRONG = "The e-mail address or the password is not right. Check both and try again."
SUSPENDED = "Your account is suspended. Your Master Admin User can reinstate it."
HALF_WAY = timedelta(minutes=10)  # for the second factor, after the password


@dataclass(frozen=True)
class Device:
    """What a sign-in comes from: the network address, what the browser calls itself, and its own lasting cookie."""

    address: str
    browser: str
    mark: str = ""


@dataclass(frozen=True)
class Opened:
    """A session that was opened: its token for the cookie, and whether the second factor is still to come."""

    token: str
    stage: SessionStage = SessionStage.FULL


class SignInRefused(Exception):
    """The sentence that says why somebody whose password was right does not come in."""


async def sign_in(email: str, password: str, *, device: Device, settings: Settings) -> Opened | None:
    """A new session, or None for a wrong address or password (which is told apart by nobody).

    Refuses (429) after too many wrong passwords for the account or from the address; `SignInRefused` for a suspended
    person. Runs in its own transactions, so that what is counted stays counted. (SD 2.2, 8.1)
    """
    email_key = email.lower()
    async with db.transaction():
        attempt = await rate_limits.begin_attempt(email_key, device.address)
        found = await db.fetch("SELECT * FROM sdes_find_account($1)", email_key)
        person = await person_of(found[0]) if found else None
    usable = person is not None and not _single_use_is_over(person)
    right = await passwords.is_right(password, person["password_hash"] if person and usable else "")
    async with db.transaction():
        if person is None or not right:
            await _record_refusal(person, f"Wrong password from {device.address}", email)
            return None
        await act_for(person["company"])
        await rate_limits.forgive(email_key, attempt)
        if person["state"] != PersonState.ACTIVE:
            await _record_refusal(person, f"Suspended, from {device.address}", email)
        else:
            stage = SessionStage.SECOND_FACTOR if await has_second_factor(person["id"]) else SessionStage.FULL
            return await open_session(person, "password", device=device, settings=settings, stage=stage)
    raise SignInRefused(SUSPENDED)


async def person_of(found: Any) -> dict[str, Any] | None:
    """The person's row, given what a `sdes_find_...` function found; the open transaction is then of their company."""
    await act_for(found["company_id"])
    return await Person.select().where(Person.id == found["person_id"]).first()


async def open_session(
    person: dict[str, Any],
    method: str,
    *,
    device: Device,
    settings: Settings,
    stage: SessionStage = SessionStage.FULL,
) -> Opened:
    """Opens a session of the person, who has proven who they are by `method` (`password`, `password+totp`,
    `password+recovery`, `passkey`, `sso:NAME`). The open transaction must be of their company.

    With `stage` SECOND_FACTOR it opens no door but the one where that is given, and soon ends.
    """
    token = new_token()
    now = clock.now()
    is_full = stage is SessionStage.FULL
    await Session.insert(
        Session(
            company=person["company"],
            person=person["id"],
            token_hash=token_hash(token),
            stage=stage.value,
            method=method,
            created_at=now,
            last_seen_at=now,
            expires_at=now + (settings.session_absolute if is_full else HALF_WAY),
            address=device.address[:64],
            browser=device.browser[:200],
        )
    )
    if is_full:
        # Signing in ends what the reminders of deletion had begun (SD 2.7(b), 2.8).
        await Person.update({Person.last_sign_in_at: now, Person.warned_from: None, Person.was_last_user: False}).where(
            Person.id == person["id"]
        )
        rows = await db.fetch("SELECT name FROM company WHERE id = $1", person["company"])
        actor = Actor(
            person_id=person["id"], company_id=person["company"], name=person["name"], company_name=rows[0]["name"]
        )
        detail = f"{device.address}, {method}"
        await auditlog.record(actor, "accounts.session.started", detail=detail, about_company=person["company"])
    return Opened(token, stage)


async def sign_out(actor: Actor) -> None:
    """Ends the actor's session."""
    await Session.update({Session.ended_at: clock.now()}).where(Session.id == actor.session_id)
    await auditlog.record(actor, "accounts.session.ended", about_company=actor.company_id)


async def _record_refusal(person: dict[str, Any] | None, detail: str, email: str) -> None:
    """A refused sign-in, for the MAU of the account's company; of an address without account, for the provider."""
    if person is None:
        for company in await overseer_companies("provider"):
            await auditlog.record(Actor.nobody(), "accounts.sign-in.refused", detail=detail, about_company=company)
        return
    await act_for(person["company"])
    await auditlog.record(
        Actor(company_id=person["company"]),
        "accounts.sign-in.refused",
        subject=f"person {person['id']}",
        detail=f"{person['name']}: {detail}",
        about_company=person["company"],
    )


def _single_use_is_over(person: dict[str, Any]) -> bool:
    ends = person["password_expires_at"]
    return bool(person["password_is_single_use"] and ends and ends < clock.now())
