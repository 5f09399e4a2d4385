"""Reads of what a company's MAU decides for the whole company."""

from dataclasses import dataclass

from sdes.accounts.tables import Company, Person
from sdes.actor import Actor

_FACTORS = """
SELECT count(*)::int AS people,
       (count(*) FILTER (WHERE p.totp_confirmed_at IS NULL AND k.person IS NULL))::int AS without
  FROM person p LEFT JOIN (SELECT DISTINCT person FROM passkey WHERE company = {}) k ON k.person = p.id
 WHERE p.company = {} AND p.state = 'active'
"""


@dataclass(frozen=True)
class SecondFactor:
    """Whether the company asks everybody for a second factor, and how many of its active people have none."""

    is_required: bool
    people: int
    without: int


async def second_factor(actor: Actor) -> SecondFactor:
    """How the actor's company stands with second factors."""
    row = await Company.select(Company.requires_second_factor).where(Company.id == actor.company_id).first()
    (counted,) = await Person.raw(_FACTORS, actor.company_id, actor.company_id)
    return SecondFactor(bool(row and row["requires_second_factor"]), counted["people"], counted["without"])
