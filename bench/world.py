"""The world that is measured: many companies with their people and communications, made inside the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench import statements
from bench.texts import FILE_NAMES, SUBJECTS, TEXT
from sdes.catalogue.load import load_defaults
from sdes.database.migrate import migrate
from sdes.database.world import load_cast
from sdes.kit import db

PASSWORD = "four lively words together"
COLLEAGUES = 500  # people of the company whose matrix is measured
PATIENCE = 3600  # seconds for one statement
LARGE = [
    *("communication", "communication_party", "communication_level", "communication_search", "message"),
    *("attachment", "message_attachment", "reading", "audit_entry"),
]
LONG = 20  # messages of the communication whose details are measured

_COMPANIES = """
INSERT INTO company (name, kind, is_qualified, created_at)
SELECT 'Energy Company ' || n, 'market', true, now() - interval '2 years' FROM generate_series(1, $1::int) n
"""
_PARTICIPANTS = """
INSERT INTO market_participant (company, mpid, role, effective_from)
SELECT c.id, 'Z' || lpad(row_number() OVER (ORDER BY c.id)::text, 3, '0'),
       CASE WHEN c.id % 5 = 0 THEN 'R' ELSE 'X' END, '2021-09-01'
  FROM company c WHERE c.name LIKE 'Energy Company %'
"""
_PEOPLE = """
INSERT INTO person (company, email, email_key, name, state, is_master_admin, password_hash, password_is_single_use,
                    created_at, theme, density, has_keys, page_size)
SELECT c.id, 'person@company' || c.id || '.example', 'person@company' || c.id || '.example', 'Person of ' || c.name,
       'active', false, asha.password_hash, false, now(), '', 'comfortable', true, 25
  FROM company c, person asha WHERE c.name LIKE 'Energy Company %' AND asha.email_key = 'asha@brightwatt.example'
"""
# The viewer's company has COLLEAGUES people in all, whom the viewer, a deputy of the MAU, assigns in the matrix.
_COLLEAGUES = """
INSERT INTO person (company, email, email_key, name, state, is_master_admin, password_hash, password_is_single_use,
                    created_at, theme, density, has_keys, page_size)
SELECT asha.company, 'colleague' || n || '@brightwatt.example', 'colleague' || n || '@brightwatt.example',
       'Colleague ' || n, 'active', false, '', false, now(), '', 'comfortable', true, 25
  FROM person asha,
       generate_series(1, $1::int - (SELECT count(*)::int FROM person p JOIN person asha ON asha.company = p.company
                                      WHERE asha.email_key = 'asha@brightwatt.example')) n
 WHERE asha.email_key = 'asha@brightwatt.example'
"""
_THEIR_ASSIGNMENTS = """
INSERT INTO assignment (company, person, process_type, level)
SELECT p.company, p.id, a.process_type, a.level
  FROM person p, assignment a JOIN person asha ON asha.id = a.person AND asha.email_key = 'asha@brightwatt.example'
 WHERE p.email_key LIKE 'colleague%' AND (p.id * 7 + a.process_type * 3 + a.level) % 3 < 2
"""
_DEPUTIES = """
UPDATE person SET functions = '{user-administration,reports}'
 WHERE email_key = 'asha@brightwatt.example' OR email_key LIKE 'person@company%'
"""
_ASSIGNMENTS = """
INSERT INTO assignment (company, person, process_type, level)
SELECT p.company, p.id, a.process_type, a.level
  FROM person p, assignment a JOIN person asha ON asha.id = a.person AND asha.email_key = 'asha@brightwatt.example'
 WHERE p.email_key LIKE 'person@company%'
"""


@dataclass(frozen=True)
class World:
    """What the loads need to know: who signs in, what is looked at, how much there is.

    `largest` is somebody of the company with a part in two of five communications, `active` how many it has active.
    """

    emails: list[str]
    long_reference: str
    communications: int
    messages: int
    visible: int
    largest: str
    active: int


async def make(owner_url: str, *, companies: int, communications: int, visible: int, is_growing: bool = False) -> World:
    """Migrates the database at `owner_url` and fills it. The viewer is the cast's Asha, who sees `visible` of all.

    `is_growing`: for sizes beside each other, one company is large, and texts and audit log are shorter.
    """
    await db.open_pool(owner_url, size=2)
    try:
        await migrate(owner_url)
        async with db.transaction():
            await load_defaults()
            await load_cast(PASSWORD)
            long_reference = await _fill(companies, communications, visible, is_growing=is_growing)
        assert db.DB.pool
        await db.DB.pool.execute("VACUUM ANALYZE", timeout=PATIENCE)
        await db.DB.pool.execute("CHECKPOINT", timeout=PATIENCE)
        return await _seen(long_reference)
    finally:
        await db.close_pool()


async def _fill(companies: int, communications: int, visible: int, *, is_growing: bool) -> str:
    present = (await db.fetch("SELECT count(*) AS n FROM company"))[0]["n"]
    await run(_COMPANIES, companies - present)
    for statement in (_PARTICIPANTS, _PEOPLE, _ASSIGNMENTS, _DEPUTIES):
        await run(statement)
    await run(_COLLEAGUES, COLLEAGUES)
    await run(_THEIR_ASSIGNMENTS)
    async with bare_tables():
        await run(statements.COMMUNICATIONS, communications, visible, SUBJECTS, is_growing)
        long_reference = str((await db.fetch(statements.LONG_ONE, LONG))[0]["reference"])
        await run("ANALYZE communication")
        for statement in (statements.PARTIES, statements.LEVELS):
            await run(statement)
        await run(statements.MESSAGES, TEXT, 400 if is_growing else 1200)
        await run("ANALYZE communication_party, message")
        await run(statements.FILES, FILE_NAMES, LONG)
        await run(statements.READINGS)
        await run(statements.AUDIT, 0 if is_growing else 1)
        await run(statements.WORDS, SUBJECTS, TEXT)
    return long_reference


@asynccontextmanager
async def bare_tables() -> AsyncIterator[None]:
    """Inside the block, the large tables have no indexes but unique ones, and nothing checks or follows what is put
    into them: that takes many times as long."""
    await run("SET LOCAL session_replication_role = replica")
    await run("SET LOCAL maintenance_work_mem = '1GB'")
    indexes = await db.fetch(
        "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made FROM pg_index i"
        " WHERE i.indrelid::regclass::text = ANY ($1) AND NOT i.indisunique",
        LARGE,
    )
    for index in indexes:
        await run(f"DROP INDEX {index['name']}")
    yield
    for index in indexes:
        await run(index["made"])
    await run("SET LOCAL session_replication_role = origin")


async def _seen(long_reference: str) -> World:
    people = await db.fetch("SELECT email_key FROM person WHERE email_key LIKE 'person@company%' ORDER BY id")
    counted = await db.fetch(
        "SELECT count(*) AS n, count(*) FILTER (WHERE p.company = asha.company) AS seen FROM communication_party p,"
        " person asha WHERE asha.email_key = 'asha@brightwatt.example'"
    )
    (large,) = await db.fetch(
        "SELECT p.email_key, count(*) AS active FROM communication_party c JOIN person p ON p.company = c.company"
        " WHERE c.archived_at IS NULL AND p.email_key LIKE 'person@company%' GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    )
    (messages,) = await db.fetch("SELECT count(*) AS n FROM message")
    return World(
        [row["email_key"] for row in people],
        long_reference,
        counted[0]["n"] // 2,
        messages["n"],
        counted[0]["seen"],
        large["email_key"],
        large["active"],
    )


async def run(statement: str, *arguments: object) -> None:
    """One statement in the open transaction, however long it takes."""
    current = db.DB.current_transaction.get()
    assert current
    await current.connection.execute(statement, *arguments, timeout=PATIENCE)
