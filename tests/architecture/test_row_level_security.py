"""The proof of the second lock, reading: what the web's login sees with statements that have no where-clause."""

from typing import Any

import pytest

from sdes.database.policies import RULES
from sdes.database.world import CAST
from sdes.kit import db
from tests.architecture.matter import Matter
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

OWN = "ARRAY[t.company]"
# asked of the communication itself, not of its party rows, on which the policies stand
PARTIES = (
    "ARRAY(SELECT p.company FROM market_participant p, communication c"
    " WHERE c.id = t.{communication} AND p.id IN (c.sender, c.recipient))"
)

# Whose each row `t` is: the companies that may see it, and nobody else.
BELONGS = {
    "person": OWN,
    "assignment": OWN,
    "session": OWN,
    "account_link": OWN,
    "known_browser": OWN,
    "api_key": OWN,
    "people_upload": OWN,
    "passkey": OWN,
    "recovery_code": OWN,
    "oidc_grant": OWN,
    "oidc_refresh_token": OWN,
    "reading": OWN,
    "draft": OWN,
    "draft_attachment": OWN,
    "saved_filter": OWN,
    "notification": OWN,
    "notification_setting": OWN,
    "deleted_communication": "t.companies",
    "audit_entry": "t.audience",
    "attachment": "t.audience",
    "communication_party": OWN,
    "communication": PARTIES.format(communication="id"),
    "communication_level": PARTIES.format(communication="communication"),
    "message": PARTIES.format(communication="communication"),
    "message_attachment": PARTIES.format(communication="communication"),
}
TABLES = sorted(table for table, rule in RULES.items() if rule.holds_company_matter)


@pytest.mark.spec("SD 9.2(d)")
async def test_every_table_shows_each_company_its_own_rows_and_no_others(matter: Matter, other_matter: Matter) -> None:
    companies = await _companies()
    for table in TABLES:
        assert table in BELONGS, f"{table}: say in BELONGS whose its rows are, so that this proof covers it"
        owners = {row["id"]: set(row["belongs_to"]) for row in await _all_rows(table)}
        for company in (*matter.companies, *other_matter.companies):
            assert any(company in of for of in owners.values()), (
                f"{table}: nothing in it is company {company}'s, so nothing is proven: fill it in matter.exchanged"
            )
        for name, company in companies.items():
            async with as_web(company):
                seen = {row["id"] for row in await db.fetch(f'SELECT * FROM "{table}"')}
            own = {row for row, of in owners.items() if company in of}
            assert seen == own, (
                f"{table}: {name} sees {len(seen - own)} rows of others and misses {len(own - seen)} of its own:"
                " mend the table's rule in database/policies.py"
            )


async def test_without_a_company_no_row_is_seen(matter: Matter, other_matter: Matter) -> None:
    async with as_web(None):
        for table in TABLES:
            assert not await db.fetch(f'SELECT * FROM "{table}"'), f"{table}: is open while no company is set"


async def test_no_audience_names_a_stranger(matter: Matter, other_matter: Matter) -> None:
    """Entries and files are seen by whom they name, so they must name the parties and nobody else."""
    for one in (matter, other_matter):
        entries = await db.fetch("SELECT audience FROM audit_entry WHERE subject = $1", one.reference)
        files = await db.fetch(
            "SELECT a.audience FROM attachment a JOIN message_attachment m ON m.attachment = a.id"
            " WHERE m.communication = $1",
            one.id,
        )
        assert entries
        assert files
        assert {tuple(row["audience"]) for row in (*entries, *files)} == {tuple(sorted(one.companies))}


async def test_what_one_party_keeps_to_itself_the_other_party_does_not_see(matter: Matter) -> None:
    for company in matter.companies:
        async with as_web(company):
            (party,) = await db.fetch("SELECT * FROM communication_party")
            assert party["company"] == company
            assert len(party["tags"]) == 1
            for table in ("draft", "draft_attachment", "reading", "session", "person"):
                rows = await db.fetch(f"SELECT company FROM {table}")
                assert {row["company"] for row in rows} == {company}, table


async def _companies() -> dict[str, int]:
    rows = await db.fetch("SELECT name, id FROM company")
    found = {row["name"]: row["id"] for row in rows}
    assert found.keys() >= {company.name for company in CAST}
    return found


async def _all_rows(table: str) -> list[Any]:
    return await db.fetch(f'SELECT t.id, {BELONGS[table]} AS belongs_to FROM "{table}" t')
