"""Reads of companies and people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sdes.accounts import browsers, methods
from sdes.accounts.second_factor import Factors, PasskeyView
from sdes.accounts.tables import Company, Passkey, Person, RecoveryCode, Session, SessionStage
from sdes.actor import Actor
from sdes.kit import clock, db


@dataclass(frozen=True)
class Participant:
    """A market participant as a place to write to or from: a company in one market role under one MPID."""

    id: int
    company_id: int
    company_name: str
    mpid: str
    role: str


@dataclass(frozen=True)
class OwnSession:
    """One of the actor's own sessions that is still open. Times are in London."""

    id: int
    begun: datetime
    seen: datetime
    address: str
    browser: str
    method: str
    is_this: bool


@dataclass(frozen=True)
class OwnAddress:
    """The actor's own e-mail address, and what is known of it (SD 11.1(f))."""

    email: str
    verified: datetime | None  # in London
    is_proxy: bool


async def own_sessions(actor: Actor, idle: timedelta) -> list[OwnSession]:
    """The actor's sessions that still open doors, the newest first; `idle` is how long one lives without a visit."""
    now = clock.now()
    rows = (
        await Session.select()
        .where(
            Session.person == actor.person_id,
            Session.ended_at.is_null(),
            Session.stage == SessionStage.FULL.value,
            Session.expires_at > now,
            Session.last_seen_at > now - idle,
        )
        .order_by(Session.created_at, Session.id, ascending=False)
    )
    return [
        OwnSession(
            id=row["id"],
            begun=clock.local(row["created_at"]),
            seen=clock.local(row["last_seen_at"]),
            address=row["address"],
            browser=browsers.in_words(row["browser"]),
            method=methods.in_words(row["method"]),
            is_this=row["id"] == actor.session_id,
        )
        for row in rows
    ]


async def own_address(actor: Actor) -> OwnAddress:
    """The actor's own address."""
    row = await person_row(actor.person_id)
    assert row
    verified = row["email_verified_at"]
    return OwnAddress(row["email"], clock.local(verified) if verified else None, row["is_proxy_address"])


async def own_password(actor: Actor) -> str:
    """The hash of the actor's own password."""
    row = await Person.select(Person.password_hash).where(Person.id == actor.person_id).first()
    return str(row["password_hash"]) if row else ""


async def person_row(person_id: int | None) -> dict[str, Any] | None:
    """The whole row of a person. The open transaction must be of their company."""
    return await Person.select().where(Person.id == person_id).first()


async def participants(actor: Actor) -> list[Participant]:
    """Every participant of every Qualified company that is in effect today, the actor's own included (SD 10.2)."""
    assert actor.is_signed_in or actor.is_system
    rows = await db.fetch(
        "SELECT m.id, m.company AS company_id, c.name AS company_name, m.mpid, m.role"
        " FROM market_participant m JOIN company c ON c.id = m.company"
        " WHERE c.is_qualified AND c.kind = 'market' AND m.effective_from <= current_date"
        " AND (m.effective_to IS NULL OR m.effective_to >= current_date) ORDER BY c.name, m.role, m.mpid"
    )
    return [Participant(**dict(row)) for row in rows]


async def has_second_factor(person_id: int) -> bool:
    """Whether the person has set up codes or a passkey. The open transaction must be of their company."""
    row = await Person.select(Person.totp_confirmed_at).where(Person.id == person_id).first()
    return bool(row and row["totp_confirmed_at"]) or await Passkey.exists().where(Passkey.person == person_id)


async def factors_of(actor: Actor) -> Factors:
    """What the actor has set up beside the password."""
    person = (
        await Person.select(Person.totp_confirmed_at, Person.company.requires_second_factor.as_alias("is_required"))
        .where(Person.id == actor.person_id)
        .first()
    )
    if person is None:
        return Factors()
    columns = (Passkey.id, Passkey.name, Passkey.created_at, Passkey.last_used_at)
    keys = await Passkey.select(*columns).where(Passkey.person == actor.person_id).order_by(Passkey.id)
    codes = await RecoveryCode.count().where(RecoveryCode.person == actor.person_id, RecoveryCode.used_at.is_null())
    passkeys = tuple(PasskeyView(**key) for key in keys)
    return Factors(person["totp_confirmed_at"], passkeys, codes, person["is_required"])


async def session_began(actor: Actor) -> datetime | None:
    """When the actor signed in."""
    row = await Session.select(Session.created_at).where(Session.id == actor.session_id).first()
    return row["created_at"] if row else None


async def master_admin_name(company_id: int) -> str:
    """The name of the company's MAU, empty where it has none; for its own people."""
    row = await Person.select(Person.name).where(Person.company == company_id, Person.is_master_admin.eq(True)).first()
    return str(row["name"]) if row else ""


async def who_helps(person: dict[str, Any]) -> str:
    """Whom a mail to this person says to ask: their MAU by name; a MAU, the service desk (SD 2.6)."""
    if person["is_master_admin"]:
        return "the service desk"
    return await master_admin_name(person["company"]) or "your Master Admin User"


async def overseer_companies(*kinds: str) -> list[int]:
    """The companies of those kinds, by id: of the provider and of the Code Manager."""
    rows = await Company.select(Company.id).where(Company.kind.is_in(list(kinds))).order_by(Company.id)
    return [row["id"] for row in rows]
