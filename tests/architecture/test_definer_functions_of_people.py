"""More functions that run past row-level security, and triggers that hold whatever the policies allow: of companies
and people."""

from datetime import timedelta

import asyncpg
import pytest

from sdes.kit import clock, db
from tests.architecture.matter import Matter
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

REFUSED = asyncpg.InsufficientPrivilegeError


async def test_every_company_s_mau_is_shown_to_those_who_look_after_companies_alone(matter: Matter) -> None:
    companies = await db.fetch("SELECT id, kind FROM company")
    for company in companies:
        async with as_web(company["id"]):
            seen = await db.fetch("SELECT * FROM sdes_master_admins()")
        assert len(seen) == (0 if company["kind"] == "market" else len(companies))
    async with as_web(None):
        assert await db.fetch("SELECT * FROM sdes_master_admins()") == []


async def test_a_link_tells_whose_it_is_while_it_can_be_followed(matter: Matter) -> None:
    link = (await db.fetch("SELECT * FROM account_link WHERE company = $1", matter.companies[0]))[0]
    ask, before = "SELECT * FROM sdes_find_link($1, $2)", link["expires_at"] - timedelta(seconds=1)
    await db.fetch(
        "UPDATE account_link l SET used_at = NULL, email_key = p.email_key FROM person p"
        " WHERE p.id = l.person AND l.id = $1",
        link["id"],
    )
    async with as_web(None):
        (found,) = await db.fetch(ask, link["token_hash"], before)
        assert await db.fetch(ask, b"nobody's", before) == []
        assert await db.fetch(ask, link["token_hash"], link["expires_at"]) == []
    assert (found["person_id"], found["company_id"]) == (link["person"], link["company"])
    for change in ("used_at = now()", "used_at = NULL, email_key = 'another@address.example'"):
        await db.fetch(f"UPDATE account_link SET {change} WHERE id = $1", link["id"])
        async with as_web(None):
            assert await db.fetch(ask, link["token_hash"], before) == []


@pytest.mark.spec("SD 10.2")
async def test_what_a_company_is_only_its_overseers_say(matter: Matter) -> None:
    mine = matter.companies[0]
    (overseer,) = await db.fetch("SELECT id FROM company WHERE kind = 'code-manager'")
    for change in ("is_qualified = NOT is_qualified", "agreement_signed_on = NULL", "name = name || ' 2'"):
        with pytest.raises(REFUSED, match="provider and the Code Manager"):
            async with as_web(mine):
                await db.fetch(f"UPDATE company SET {change} WHERE id = $1", mine)
        async with as_web(overseer["id"]):
            assert await db.fetch(f"UPDATE company SET {change} WHERE id = $1 RETURNING id", mine)
    async with as_web(mine):
        own = await db.fetch("UPDATE company SET requires_second_factor = true WHERE id = $1 RETURNING id", mine)
        others = await db.fetch("UPDATE company SET requires_second_factor = true WHERE id <> $1 RETURNING id", mine)
    assert (len(own), len(others)) == (1, 0)


@pytest.mark.spec("SL 21")
async def test_an_mpid_has_one_holder_at_a_time(matter: Matter) -> None:
    (held,) = await db.fetch("SELECT * FROM market_participant WHERE mpid = 'BRWT'")
    add = "INSERT INTO market_participant (company, mpid, role, effective_from) VALUES ($1, 'BRWT', $2, $3)"
    today = clock.now().date()
    with pytest.raises(asyncpg.UniqueViolationError, match="another holder"):
        async with db.transaction():
            await db.fetch(add, matter.companies[1], held["role"], today)
    await db.fetch(add, matter.companies[1], "M", today)  # in another role it is another identity
    await db.fetch("UPDATE market_participant SET effective_to = $1 WHERE id = $2", today, held["id"])
    await db.fetch(add, matter.companies[1], held["role"], today + timedelta(days=1))
    with pytest.raises(asyncpg.UniqueViolationError, match="another holder"):
        async with db.transaction():
            await db.fetch("UPDATE market_participant SET effective_to = NULL WHERE id = $1", held["id"])
