"""Reads of who has been away so long that their account is to lapse: for the nightly job, which sees all companies."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sdes.accounts.tables import Person
from sdes.actor import Actor
from sdes.administration.inactivity import LASTS, REMINDERS
from sdes.kit import clock, db

_AWAY = """
SELECT DISTINCT p.company FROM person p
 WHERE p.state <> 'deleted' AND greatest(p.created_at, p.last_sign_in_at, p.reinstated_at) < $1 ORDER BY p.company
"""
_COMPANY = """
SELECT c.name, ARRAY(SELECT m.role::text FROM market_participant m WHERE m.company = c.id
                      AND m.effective_from <= $2 AND (m.effective_to IS NULL OR m.effective_to >= $2)) AS market_roles
  FROM company c WHERE c.id = $1
"""


@dataclass(frozen=True)
class Recipient:
    """Somebody who is told by e-mail."""

    id: int
    company_id: int
    name: str
    email: str


async def companies_with_people_away(actor: Actor) -> list[int]:
    """The companies in which somebody may have to be reminded or deleted today, by id."""
    assert actor.is_system
    # a day more, since days are counted in London
    rows = await db.fetch(_AWAY, clock.now() - timedelta(days=LASTS - REMINDERS - 1))
    return [row["company"] for row in rows]


async def for_company(actor: Actor, company_id: int) -> Actor:
    """The system acting on one company's people."""
    assert actor.is_system
    (row,) = await db.fetch(_COMPANY, company_id, clock.today())
    return replace(actor, company_id=company_id, company_name=row["name"], market_roles=frozenset(row["market_roles"]))


async def companies_with_master_admin(actor: Actor) -> list[int]:
    """The companies that have a MAU, by id."""
    assert actor.is_system
    rows = await Person.select(Person.company).where(Person.is_master_admin.eq(True)).order_by(Person.company)
    return [row["company"] for row in rows]


async def overseers(actor: Actor) -> list[Recipient]:
    """The provider's and the Code Manager's own MAUs."""
    assert actor.is_system
    rows = await db.fetch(
        "SELECT p.id, p.company AS company_id, p.name, p.email FROM person p JOIN company c ON c.id = p.company"
        " WHERE p.is_master_admin AND c.kind IN ('provider', 'code-manager') ORDER BY p.id"
    )
    return [Recipient(**dict(row)) for row in rows]


async def who_was_last_user(actor: Actor) -> set[int]:
    """Which of the company's people were the last user of a level at a reminder since they were last here."""
    rows = await Person.select(Person.id).where(Person.company == actor.company_id, Person.was_last_user.eq(True))
    return {row["id"] for row in rows}
