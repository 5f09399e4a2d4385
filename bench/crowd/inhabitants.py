"""The people of the loaded world: more of them in each company, what waits for them, and files that can be read."""

import asyncio
import json
from pathlib import Path

from bench import world
from bench.crowd.options import COMPANIES, Options
from bench.house import House
from sdes.attachments.vault import Vault, open_vault
from sdes.database.migrate import migrate
from sdes.kit import db

MARKS = "a-browser-that-the-load-has-known-for-long-"  # 43 letters, as the cookie of a known browser has
FILES = 12  # of each company that can be downloaded
FILE = b"meter,reading,date\n" + b"20L3456789,012345,2026-11-03\n" * 700  # 20 kB
TOLD = 150  # notifications that wait for each person, of which so many are unread:
UNREAD = 12
_KEPT = "inhabitants.json"  # in the home, once everything below is there

_PEOPLE = """
INSERT INTO person (company, email, email_key, name, state, is_master_admin, password_hash, password_is_single_use,
                    created_at, last_sign_in_at, theme, density, has_keys, page_size)
SELECT p.company, address, address, 'Person ' || n || ' of ' || c.name, 'active', false, p.password_hash, false,
       now() - interval '1 year', now() - interval '1 day', '', 'comfortable', true, 25
  FROM person p JOIN company c ON c.id = p.company, generate_series(2, $1::int) n,
       LATERAL (SELECT 'person' || n || '@company' || p.company || '.example' AS address) a
 WHERE p.email_key LIKE 'person@company%'
"""
_ASSIGNMENTS = """
INSERT INTO assignment (company, person, process_type, level)
SELECT p.company, p.id, a.process_type, a.level
  FROM person p JOIN person first ON first.company = p.company AND first.email_key LIKE 'person@company%'
  JOIN assignment a ON a.person = first.id
 WHERE p.email_key LIKE 'person_%@company%' AND p.id <> first.id AND (p.id * 7 + a.process_type * 5) % 3 < 2
"""
_BROWSERS = """
INSERT INTO known_browser (company, person, token_hash, first_seen_at)
SELECT p.company, p.id, sha256($1::bytea), now() - interval '1 year' FROM person p
 WHERE p.email_key LIKE 'person%@company%'
"""
# Of what is active, four of ten have an owner among the colleagues, as in the company of the bench's viewer.
_OWNERS = """
WITH colleagues AS (
    SELECT company, array_agg(id ORDER BY id) AS ids FROM person WHERE email_key LIKE 'person%@company%' GROUP BY 1)
UPDATE communication_party c SET owner = o.ids[1 + (c.communication / 7) % cardinality(o.ids)]
  FROM colleagues o WHERE o.company = c.company AND c.archived_at IS NULL AND c.communication % 10 < 4
   AND c.communication > (SELECT max(id) - 200000 FROM communication)
"""
_NOTIFICATIONS = """
WITH newest AS (
    SELECT p.company, p.communication, p.last_message_at, row_number() OVER (
               PARTITION BY p.company ORDER BY p.last_message_at DESC) AS n
      FROM communication_party p WHERE p.archived_at IS NULL)
INSERT INTO notification (company, person, subject, title, process, kind, number, from_name, created_at, read_at,
                          closed_by, is_quick, wants_mail)
SELECT w.company, w.id, c.reference, c.subject, 'Erroneous Transfer', 'message', c.message_count, 'Another company',
       n.last_message_at, CASE WHEN n.n > $2 THEN now() END, '', false, false
  FROM newest n JOIN communication c ON c.id = n.communication
  JOIN person w ON w.company = n.company AND w.email_key LIKE 'person%@company%' WHERE n.n <= $1
"""
_READABLE = """
WITH newest AS (
    SELECT a.id, row_number() OVER (PARTITION BY p.company ORDER BY p.last_message_at DESC) AS n
      FROM attachment a JOIN message_attachment m ON m.attachment = a.id
      JOIN communication_party p ON p.communication = m.communication WHERE p.archived_at IS NULL)
SELECT DISTINCT id FROM newest WHERE n <= $1
"""
_FILLED = "UPDATE attachment SET blob = $2, wrapped_key = $3, size = $4 WHERE id = $1"


async def settle(made: House, chosen: Options) -> None:
    """Makes the world, and the people in it; one that is in this home already is brought to the present shape."""
    kept = made.home / _KEPT
    told = json.dumps({"communications": chosen.communications, "people": chosen.people})
    is_there = kept.exists()
    if is_there and kept.read_text() != told:
        raise SystemExit(f"Another world is in {made.home}: {kept.read_text()}. Choose another --home.")
    if not is_there:
        visible = min(5000, chosen.communications // 40)
        await world.make(
            made.urls.owner_url,
            companies=COMPANIES,
            communications=chosen.communications,
            visible=visible,
            is_growing=True,
        )
    await db.open_pool(made.urls.owner_url, size=2)
    try:
        if is_there:
            await migrate(made.urls.owner_url)
            return
        async with db.transaction():
            await _people(chosen.people)
            await _files(open_vault(made.settings))
        assert db.DB.pool
        await db.DB.pool.execute("VACUUM ANALYZE", timeout=world.PATIENCE)
        await db.DB.pool.execute("CHECKPOINT", timeout=world.PATIENCE)
    finally:
        await db.close_pool()
    kept.write_text(told)


async def _people(people: int) -> None:
    (counted,) = await db.fetch("SELECT count(*) AS n FROM person WHERE email_key LIKE 'person@company%'")
    await world.run(_PEOPLE, -(-people // counted["n"]))
    await world.run(_ASSIGNMENTS)
    await world.run(_BROWSERS, MARKS.encode())
    await world.run(_OWNERS)
    await world.run(_NOTIFICATIONS, TOLD, UNREAD)


async def _files(vault: Vault) -> None:
    await world.run("UPDATE attachment SET key_id = $1", vault.master.id)  # or else the worker refuses to start
    rows = await db.fetch(_READABLE, FILES)
    for start in range(0, len(rows), 8):
        sealed = await asyncio.gather(*(_sealed(vault, row["id"]) for row in rows[start : start + 8]))
        for file, blob, key in sealed:
            await world.run(_FILLED, file, blob, key, len(FILE))


async def _sealed(vault: Vault, file: object) -> tuple[object, str, bytes]:
    sealing = vault.sealing(file)  # type: ignore[arg-type]
    await sealing.write(FILE)
    await sealing.close()
    return file, sealing.blob, sealing.wrapped_key


def home_of(chosen: Options, otherwise: Path) -> Path:
    """Where the world lies."""
    home = (chosen.home or otherwise).absolute()
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)  # the database runs as another user
    return home
