"""Reads of companies and people."""

from dataclasses import dataclass

from sdes.accounts.tables import Person
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
