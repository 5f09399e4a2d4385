"""Signing in and out: what is asked for, and the session that it opens."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sdes import auditlog
from sdes.accounts import passwords, rate_limits
from sdes.accounts.actions.known_browsers import is_known, note_browser
from sdes.accounts.actions.passwords import use_up_single_use
from sdes.accounts.actions.refusals import record_locks, record_refusal
from sdes.accounts.queries import has_second_factor, person_row, who_helps
from sdes.accounts.sessions import act_for, new_token, token_hash
from sdes.accounts.tables import Person, PersonState, Session, SessionStage
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.settings import Settings

WRONG = "The e-mail address or the password is not right. Check both and try again."
SUSPENDED = "Your account is suspended. Your Master Admin User can reinstate it."
USED_UP = (
    "Your single-use password has expired or was used already. Use Forgotten password to choose your own, or ask"
    " {helper} for another."
)
HALF_WAY = timedelta(minutes=10)  # for the second factor, after the password
NOBODY = {"person_id": None, "company_id": None}


@dataclass(frozen=True)
class Device:
    """What a sign-in comes from: the network address, what the browser calls itself, and its own lasting cookie."""

    address: str
    browser: str
    mark: str = ""


@dataclass(frozen=True)
class Opened:
    """A session that was opened: its token for the cookie, and whether the second factor is still to come.

    `mark` is for the cookie by which the browser is known again; empty while the sign-in is not finished.
    """

    token: str
    stage: SessionStage = SessionStage.FULL
    mark: str = ""


class SignInRefused(Exception):
    """The sentence that says why somebody whose password was right does not come in."""


async def sign_in(email: str, password: str, *, device: Device, settings: Settings) -> Opened | None:
    """A new session, or None for a wrong address or password (which is told apart by nobody).

    Refuses (429) after too many wrong passwords for the account or from the address; `SignInRefused` for a suspended
    person, and for a single-use password that is too old or was used. Runs in its own transactions, so that what is
    counted stays counted; whether there is an account or not, as much is asked of the database. (SD 2.2, 2.3, 8.1)
    """
    email_key = email.lower()
    async with db.transaction():
        found = await db.fetch("SELECT * FROM sdes_find_account($1)", email_key)
        person = await person_of(found[0] if found else NOBODY)
        mark = device.mark if await is_known(person, device.mark) else ""
        attempt = await rate_limits.begin_attempt(email_key, device.address, mark=mark)
    right = await passwords.is_right(password, person["password_hash"] if person else "")
    async with db.transaction():
        proven = await _unchanged(person) if right and person else None
        if proven is None:
            await record_refusal(person, f"wrong password, from {device.address}")
            await record_locks(person, email_key, device.address, attempt, mark=mark)
            return None
        person = proven
        await rate_limits.forgive(email_key, attempt)
        if person["state"] != PersonState.ACTIVE:
            await record_refusal(person, f"suspended, from {device.address}")
            refusal = SUSPENDED
        elif person["password_is_single_use"] and not await use_up_single_use(person):
            await record_refusal(person, f"a single-use password that is too old or was used, from {device.address}")
            refusal = USED_UP.format(helper=await who_helps(person))
        else:
            stage = SessionStage.SECOND_FACTOR if await has_second_factor(person["id"]) else SessionStage.FULL
            return await open_session(person, "password", device=device, settings=settings, stage=stage)
    raise SignInRefused(refusal)


async def _unchanged(person: dict[str, Any]) -> dict[str, Any] | None:
    """The person's row now, locked; None where the password that was looked at is no longer theirs, so that nobody
    comes in by an old one while it is changed. The open transaction is then of their company."""
    await act_for(person["company"])
    rows = await db.fetch(
        "SELECT * FROM person WHERE id = $1 AND email_key = $2 AND password_hash = $3 AND state <> 'deleted'"
        " FOR UPDATE",
        person["id"],
        person["email_key"],
        person["password_hash"],
    )
    return dict(rows[0]) if rows else None


async def person_of(found: Any) -> dict[str, Any] | None:
    """The person's row, given what a `sdes_find_...` function found; the open transaction is then of their company."""
    await act_for(found["company_id"])
    return await person_row(found["person_id"])


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

    With `stage` SECOND_FACTOR it opens no door but the one where that is given, and soon ends. A full one from a
    browser that the person had not used before is told to them by e-mail.
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
    if not is_full:
        return Opened(token, stage)
    mark = await note_browser(person, device.mark, address=device.address, browser=device.browser)
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
    return Opened(token, stage, mark)


async def sign_out(actor: Actor) -> None:
    """Ends the actor's session."""
    await Session.update({Session.ended_at: clock.now()}).where(Session.id == actor.session_id)
    await auditlog.record(actor, "accounts.session.ended", about_company=actor.company_id)
