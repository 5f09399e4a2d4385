"""Every table is behind row-level security, and the web's login has no way around it."""

import asyncpg
import pytest

from sdes.database.grants import scripts
from sdes.database.piccolo_app import APP_CONFIG
from sdes.database.policies import RULES
from sdes.embedded.postgres import Urls
from sdes.kit import db
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

TABLES = {table._meta.tablename for table in APP_CONFIG.table_classes}
NOBODYS = {"migration", "saq_jobs", "saq_stats", "saq_versions"}  # the history of migrations and the queue of nudges
NAMES_A_COMPANY = {"company", "company_id", "person", "communication", "draft", "audience"}  # columns
SHOWN_TO_ALL = {"market_participant", "identity_provider"}  # whom one can write to; where one can sign in
RUN_AS_OWNER = {
    "sdes_enter",
    "sdes_enter_by_key",
    "sdes_find_account",
    "sdes_find_link",
    "sdes_master_admins",
    "sdes_find_grant",
    "sdes_domains_of_others",
    "sdes_providers_at",
    "sdes_disable_identity_provider",
    "sdes_find_passkey",
    "sdes_taken_addresses",
    "mail_waiting",
    "sdes_figures",
    "sdes_migration",
    "sdep_open_communication",
    "sdep_tell_parties",
    "sdep_notify",
    "sdep_index",
    "sdep_index_tags",
    "sdep_found",
    "sdep_matches",
    "sdep_open_count",
    "catalogue_end_levels",
    "sdep_was_used",
    "sdep_portal_volumes",
    "sdep_portal_months",
    "sdep_portal_overdue",
    "sdep_report_communications",
    "sdep_report_messages",
    "sdep_report_levels",
}


def test_every_table_has_a_rule() -> None:
    assert RULES.keys() == TABLES, "give each table a line in RULES of database/policies.py, and drop the lines of none"


def test_a_table_without_a_rule_is_refused() -> None:
    with pytest.raises(RuntimeError, match="diary"):
        list(scripts(TABLES | {"diary"}))


def test_what_may_be_changed_is_named_column_by_column() -> None:
    for table, rule in RULES.items():
        assert bool(rule.update) == bool(rule.update_columns), f"{table}: name the columns that the web may write"


async def test_there_is_no_table_that_we_do_not_know(db: None) -> None:
    found = {row["relname"] for row in await _tables()}
    assert found <= TABLES | NOBODYS, f"new tables, who may see them? {found - TABLES - NOBODYS}"


async def test_every_table_enforces_its_policies(db: None) -> None:
    open_ones = {row["relname"] for row in await _tables() if not row["relrowsecurity"]} & TABLES
    assert not open_ones, f"run `sdes migrate`: row-level security is off for {open_ones}"


async def test_what_everybody_may_see_names_no_company(db: None) -> None:
    shared = [table for table, rule in RULES.items() if rule.select and not rule.holds_company_matter]
    for table in set(shared) - SHOWN_TO_ALL:
        rows = await _fetch("SELECT column_name FROM information_schema.columns WHERE table_name = $1", table)
        telling = {row["column_name"] for row in rows} & NAMES_A_COMPANY
        assert not telling, f"{table} holds a company's matter ({telling}): give it a rule of its own, not SHARED"


async def test_the_web_s_login_owns_nothing_and_is_nothing_else(db: None) -> None:
    (role,) = await _fetch("SELECT * FROM pg_roles WHERE rolname = 'sdes_web'")
    for power in ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication"):
        assert not role[power], f"take {power} from sdes_web"
    owned = await _fetch("SELECT relname FROM pg_class WHERE relowner = $1", role["oid"])
    assert owned == []
    member_of = await _fetch("SELECT roleid::regrole::text FROM pg_auth_members WHERE member = $1", role["oid"])
    assert member_of == []


@pytest.mark.parametrize(
    "deed",
    [
        "CREATE TABLE loot (all_of_it text)",
        "CREATE SCHEMA loot",
        "ALTER TABLE message DISABLE ROW LEVEL SECURITY",
        "DROP POLICY web_select ON message",
        "CREATE POLICY loot ON message USING (true)",
        "CREATE OR REPLACE FUNCTION sdes_company() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP TABLE audit_entry",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "TRUNCATE message",
        "SELECT * FROM migration",
        "SET ROLE sdes_owner",
    ],
)
async def test_the_web_s_login_may_not(deed: str, urls: Urls, db: None) -> None:
    """With the login itself, as the application connects."""
    connection = await asyncpg.connect(urls.web_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(deed)
    finally:
        await connection.close()


async def test_the_web_s_own_login_sees_nobody_before_a_company_is_set(urls: Urls, db: None) -> None:
    connection = await asyncpg.connect(urls.web_url)
    try:
        assert await connection.fetchval("SELECT current_user") == "sdes_web"
        assert await connection.fetch("SELECT * FROM person") == []
        company = await connection.fetchval("SELECT id FROM company WHERE name = 'Clearvolt'")
        async with connection.transaction():
            await connection.execute("SELECT set_config('sdes.company_id', $1, true)", str(company))
            people = await connection.fetch("SELECT * FROM person")
        assert {person["company"] for person in people} == {company}
        assert await connection.fetch("SELECT * FROM person") == [], "the company outlives its transaction"
    finally:
        await connection.close()


async def test_the_tests_act_as_the_web_s_login_does(db: None) -> None:
    """`as_web` stands for that login in the proofs, so it must be no stronger."""
    async with as_web(None):
        (who,) = await _fetch("SELECT current_user AS name, row_security_active('message') AS bound")
    assert (who["name"], who["bound"]) == ("sdes_web", True)


async def test_functions_that_run_as_the_owner_are_known_and_fix_where_they_look(db: None) -> None:
    rows = await _fetch(
        "SELECT proname, prosecdef, array_to_string(proconfig, ' ') AS settings FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND has_function_privilege('sdes_web', oid, 'EXECUTE')"
    )
    as_owner = {row["proname"]: row["settings"] for row in rows if row["prosecdef"]}
    assert as_owner.keys() == RUN_AS_OWNER, "prove in test_definer_functions.py what it refuses, then name it here"
    for name, settings in as_owner.items():
        assert "search_path=public, pg_temp" in settings, f"{name}: SET search_path = public, pg_temp"


async def _tables() -> list[asyncpg.Record]:
    return await _fetch(
        "SELECT relname, relrowsecurity FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm')"
        " AND relnamespace = 'public'::regnamespace"
    )


_fetch = db.fetch
