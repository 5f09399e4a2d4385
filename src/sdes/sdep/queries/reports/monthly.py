"""What goes into the Code Manager's monthly reports, read by the system's own job for all companies (SD 12.2)."""

from sdes.accounts.functions import SystemFunction
from sdes.actor import Actor
from sdes.catalogue.roles import MarketRole
from sdes.kit import clock, db
from sdes.sdep.reports.months import TITLES, Month

Lines = list[tuple[object, ...]]

_COMPANIES = """
SELECT c.id, c.name, c.kind, c.is_qualified, c.agreement_signed_on,
       (SELECT count(*)::int FROM person p WHERE p.company = c.id AND p.state = 'active') AS people,
       ARRAY(SELECT m.mpid || ' ' || m.role FROM market_participant m
              WHERE m.company = c.id AND m.effective_from <= $1 AND (m.effective_to IS NULL OR m.effective_to >= $1)
              ORDER BY m.mpid, m.role) AS participants
  FROM company c ORDER BY lower(c.name), c.id
"""
_PEOPLE = """
SELECT c.name AS company, p.name, p.email, p.is_master_admin, p.functions, p.created_at, p.last_sign_in_at,
       (SELECT count(*)::int FROM assignment a WHERE a.person = p.id) AS use_cases,
       (SELECT count(DISTINCT a.process_type)::int FROM assignment a WHERE a.person = p.id) AS process_types
  FROM person p JOIN company c ON c.id = p.company
 WHERE p.state = 'active' ORDER BY lower(c.name), c.id, lower(p.name), p.id
"""
_MADE = """
SELECT month FROM monthly_report WHERE kind = ANY ($1) GROUP BY month HAVING count(*) = cardinality($1::text[])
"""
_RECIPIENTS = """
SELECT c.id AS company_id, p.id AS person_id, p.name, p.email
  FROM company c LEFT JOIN person p ON p.company = c.id AND p.is_master_admin AND p.state = 'active'
 WHERE c.kind = 'code-manager' ORDER BY c.id
"""
KINDS = {"market": "Market", "code-manager": "Code Manager", "provider": "Provider"}


async def companies(actor: Actor) -> Lines:
    """The SDES Users as they are now, with a heading."""
    assert actor.is_system
    heading = ("SDES User", "Kind", "MPIDs and market roles", "Qualified", "Agreement signed", "Authorised Persons")
    rows = await db.fetch(_COMPANIES, clock.today())
    return [
        heading,
        *(
            (
                row["name"],
                KINDS[row["kind"]],
                "; ".join(_participant(one) for one in row["participants"]),
                "Yes" if row["is_qualified"] else "No",
                row["agreement_signed_on"].isoformat() if row["agreement_signed_on"] else "",
                row["people"],
            )
            for row in rows
        ),
    ]


async def people(actor: Actor) -> Lines:
    """The Authorised Persons who can sign in now, with a heading."""
    assert actor.is_system
    heading = (
        *("SDES User", "Authorised Person", "E-mail address", "Master Admin User", "System functions"),
        *("Process types", "Use cases", "Since", "Last signed in"),
    )
    rows = await db.fetch(_PEOPLE)
    return [
        heading,
        *(
            (
                row["company"],
                row["name"],
                row["email"],
                "Yes" if row["is_master_admin"] else "No",
                "; ".join(SystemFunction(one).label for one in row["functions"]),
                row["process_types"],
                row["use_cases"],
                clock.local(row["created_at"]).date().isoformat(),
                clock.local(row["last_sign_in_at"]).date().isoformat() if row["last_sign_in_at"] else "",
            )
            for row in rows
        ),
    ]


async def made_months(actor: Actor) -> set[Month]:
    """The months of which every report was made."""
    assert actor.is_system
    return {Month(row["month"]) for row in await db.fetch(_MADE, list(TITLES))}


async def code_managers(actor: Actor) -> list[dict[str, object]]:
    """The Code Manager's company, with its MAU where it has one."""
    assert actor.is_system
    return [dict(row) for row in await db.fetch(_RECIPIENTS)]


def _participant(one: str) -> str:
    mpid, _, role = one.partition(" ")
    return f"{mpid} ({MarketRole(role).label})"
