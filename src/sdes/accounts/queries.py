"""Reads of companies and people."""

from dataclasses import dataclass

from sdes.accounts.tables import Company, Passkey, Person
from sdes.actor import Actor
from sdes.kit import db


@dataclass(frozen=True)
class Participant:
    """A market participant as a place to write to or from: a company in one market role under one MPID."""

    id: int
    company_id: int
    company_name: str
    mpid: str
    role: str


async def own_password(actor: Actor) -> str:
    """The hash of the actor's own password."""
    row = await Person.select(Person.password_hash).where(Person.id == actor.person_id).first()
    return str(row["password_hash"]) if row else ""


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


async def master_admin_name(company_id: int) -> str:
    """The name of the company's MAU, empty where it has none; for its own people."""
    row = await Person.select(Person.name).where(Person.company == company_id, Person.is_master_admin.eq(True)).first()
    return str(row["name"]) if row else ""


async def overseer_companies(*kinds: str) -> list[int]:
    """The companies of those kinds, by id: of the provider and of the Code Manager."""
    rows = await Company.select(Company.id).where(Company.kind.is_in(list(kinds))).order_by(Company.id)
    return [row["id"] for row in rows]
