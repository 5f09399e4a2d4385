"""The world that is measured: many companies with their people and communications, made inside the database."""

from dataclasses import dataclass

from bench.texts import FILE_NAMES, SUBJECTS, TEXT
from sdes.catalogue.load import load_defaults
from sdes.database.migrate import migrate
from sdes.database.world import load_cast
from sdes.kit import db

PASSWORD = "four lively words together"
COLLEAGUES = 500  # people of the company whose matrix is measured
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
_DEPUTY = "UPDATE person SET functions = '{user-administration}' WHERE email_key = 'asha@brightwatt.example'"
_ASSIGNMENTS = """
INSERT INTO assignment (company, person, process_type, level)
SELECT p.company, p.id, a.process_type, a.level
  FROM person p, assignment a JOIN person asha ON asha.id = a.person AND asha.email_key = 'asha@brightwatt.example'
 WHERE p.email_key LIKE 'person@company%'
"""
# The viewer's are spread evenly over all; the others lie between two companies that are not.
_COMMUNICATIONS = """
WITH viewer AS (
    SELECT m.id, m.company, m.role FROM market_participant m JOIN person p ON p.company = m.company
     WHERE p.email_key = 'asha@brightwatt.example' AND m.role = 'X'),
others AS (
    SELECT m.id, m.company, m.role, row_number() OVER (ORDER BY m.id) - 1 AS n, count(*) OVER () AS size
      FROM market_participant m JOIN company c ON c.id = m.company WHERE c.name LIKE 'Energy Company %'),
routes AS (
    SELECT r.from_role, r.to_role, r.process_type, count(l.number) AS levels,
           row_number() OVER (PARTITION BY r.from_role, r.to_role ORDER BY r.process_type) - 1 AS n,
           count(*) OVER (PARTITION BY r.from_role, r.to_role) AS size
      FROM process_route r JOIN process_level l ON l.process_type = r.process_type
     GROUP BY r.from_role, r.to_role, r.process_type),
planned AS (
    SELECT i, i * $2::bigint % $1::int < $2::int AS is_viewers, i * $2::bigint / $1::int % 2 = 0 AS is_turned,
           i * 7919::bigint AS one, i * 104729::bigint + 1 AS two,
           now() - interval '60 days' * (($1::int - i) / $1::float) - interval '10 minutes' AS at,
           1 + i % 4 AS messages
      FROM generate_series(1, $1::int) i),
paired AS (
    SELECT p.i, p.at, p.messages,
           CASE WHEN p.is_viewers AND NOT p.is_turned THEN v.id ELSE a.id END AS sender,
           CASE WHEN p.is_viewers AND NOT p.is_turned THEN v.role ELSE a.role END AS from_role,
           CASE WHEN p.is_viewers AND p.is_turned THEN v.id ELSE b.id END AS recipient,
           CASE WHEN p.is_viewers AND p.is_turned THEN v.role ELSE b.role END AS to_role,
           CASE WHEN p.is_viewers AND p.is_turned THEN v.company ELSE b.company END AS recipient_company
      FROM planned p CROSS JOIN viewer v
      JOIN others a ON a.n = p.one % a.size
      JOIN others b ON b.n = (p.one + 1 + p.two % (b.size - 1)) % b.size)
INSERT INTO communication (reference, process_type, sender, recipient, subject, items, level, max_level, message_count,
                           created_at, last_message_at, awaiting, due_at, archived_at)
SELECT 'SC' || lpad(nextval('communication_reference_seq')::text, 8, '0'), r.process_type, p.sender, p.recipient,
       ($3::text[])[1 + p.i % array_length($3::text[], 1)] || ' ' || p.i,
       '[{"key": "mpan", "label": "MPAN", "kind": "mpan", "value": "1200000000128"}]', 1, r.levels,
       p.messages, p.at, least(p.at + interval '5 hours' * (p.messages - 1), now() - interval '1 minute' * (p.i % 60)),
       CASE WHEN p.messages % 2 = 1 THEN p.recipient_company END,
       CASE WHEN p.messages % 2 = 1 THEN p.at + interval '7 days' END,
       CASE WHEN p.at < now() - interval '30 days' THEN p.at + interval '30 days' END
  FROM paired p JOIN routes r ON r.from_role = p.from_role AND r.to_role = p.to_role AND r.n = p.i / 7 % r.size
 ORDER BY p.i
"""
_LONG_ONE = """
UPDATE communication SET message_count = $1::int, awaiting = NULL, due_at = NULL,
       created_at = now() - interval '6 days', last_message_at = now() - interval '1 hour'
 WHERE id = (SELECT c.id FROM communication c
               JOIN market_participant m ON m.id IN (c.sender, c.recipient)
               JOIN person p ON p.company = m.company AND p.email_key = 'asha@brightwatt.example'
              WHERE c.archived_at IS NULL ORDER BY c.id DESC LIMIT 1)
RETURNING reference
"""
_PARTIES = """
INSERT INTO communication_party (communication, company, other_company, process_type, side, created_at, last_message_at,
                                 last_direction, last_received, last_read, archived_at, tags, alert)
SELECT c.id, s.company, d.company, c.process_type, 'sender', c.created_at, c.last_message_at,
       CASE WHEN c.message_count % 2 = 1 THEN 'sent' ELSE 'received' END, c.message_count / 2 * 2,
       CASE WHEN c.id % 3 = 0 THEN 0 ELSE c.message_count END, c.archived_at, '{}'::text[], ''
  FROM communication c JOIN market_participant s ON s.id = c.sender JOIN market_participant d ON d.id = c.recipient
UNION ALL
SELECT c.id, d.company, s.company, c.process_type, 'recipient', c.created_at, c.last_message_at,
       CASE WHEN c.message_count % 2 = 1 THEN 'received' ELSE 'sent' END, (c.message_count + 1) / 2 * 2 - 1,
       CASE WHEN c.id % 3 = 0 THEN 0 ELSE c.message_count END, c.archived_at, '{}'::text[], ''
  FROM communication c JOIN market_participant s ON s.id = c.sender JOIN market_participant d ON d.id = c.recipient
"""
_LEVELS = """
INSERT INTO communication_level (communication, number, name, started_at, started_by, reason, due_at)
SELECT c.id, 1, 'Operational contact', c.created_at, x.name, '', c.created_at + interval '7 days'
  FROM communication c JOIN market_participant s ON s.id = c.sender JOIN company x ON x.id = s.company
"""
_MESSAGES = """
INSERT INTO message (communication, number, company, company_name, mpid, person, person_name, level, text, sent_at)
SELECT c.id, n, m.company, x.name, m.mpid, NULL, 'Person of ' || x.name, 1,
       left($1::text, (150 + (c.id * 37 + n * 211) % 1200)::int),
       c.created_at + (c.last_message_at - c.created_at) * ((n - 1) / greatest(c.message_count - 1, 1)::float)
  FROM communication c CROSS JOIN generate_series(1, c.message_count) n
  JOIN market_participant m ON m.id = CASE WHEN n % 2 = 1 THEN c.sender ELSE c.recipient END
  JOIN company x ON x.id = m.company
"""
_FILES = """
WITH sent AS (
    SELECT gen_random_uuid() AS file, g.id AS message, g.communication, g.company, g.sent_at, s.company AS one,
           d.company AS two, ($1::text[])[1 + (g.id + f) % array_length($1::text[], 1)] AS name
      FROM message g JOIN communication c ON c.id = g.communication
      JOIN market_participant s ON s.id = c.sender JOIN market_participant d ON d.id = c.recipient
      CROSS JOIN generate_series(1, 1 + g.communication::int % 2) f
     WHERE g.number % 4 = 1 AND (g.communication % 3 = 0 OR c.message_count = $2::int)),
kept AS (
    INSERT INTO attachment (id, company, audience, name, size, state, reason, blob, key_id, wrapped_key, is_sent,
                            created_at, checked_at, attempts, next_attempt_at)
    SELECT file, company, ARRAY[one, two]::bigint[], name, 20000 + message % 900000, 'clean', '', file::text, 'bench',
           '\\x00', true, sent_at, sent_at, 1, sent_at FROM sent)
INSERT INTO message_attachment (communication, message, attachment) SELECT communication, message, file FROM sent
"""
_READINGS = """
INSERT INTO reading (company, communication, person, number, viewed_at, sessions)
SELECT p.company, p.communication, who.id, p.last_received, p.last_message_at, ARRAY[0]::bigint[]
  FROM communication_party p JOIN person who ON who.company = p.company AND NOT who.is_master_admin
 WHERE p.communication % 4 <> 0
"""
_AUDIT = """
INSERT INTO audit_entry (at, event, person_name, company_id, company_name, subject, process, fuel, detail, audience,
                         request_id)
SELECT g.sent_at + tick * interval '5 minutes',
       CASE WHEN tick = 1 THEN 'sdep.communication.viewed' WHEN g.number = 1 THEN 'sdep.communication.sent'
            ELSE 'sdep.message.added' END,
       g.person_name, g.company, g.company_name, c.reference, 'Erroneous Transfer - General Query', 'Electricity', '',
       ARRAY[s.company, d.company]::bigint[], ''
  FROM message g JOIN communication c ON c.id = g.communication
  JOIN market_participant s ON s.id = c.sender JOIN market_participant d ON d.id = c.recipient
  CROSS JOIN generate_series(0, 1) tick
"""


@dataclass(frozen=True)
class World:
    """What the loads need to know: who signs in, what is looked at, how much there is."""

    emails: list[str]
    long_reference: str
    communications: int
    visible: int


async def make(owner_url: str, *, companies: int, communications: int, visible: int) -> World:
    """Migrates the database at `owner_url` and fills it. The viewer is the cast's Asha, who sees `visible` of all."""
    await db.open_pool(owner_url, size=2)
    try:
        await migrate(owner_url)
        async with db.transaction():
            await load_defaults()
            await load_cast(PASSWORD)
            long_reference = await _fill(companies, communications, visible)
        assert db.DB.pool
        await db.DB.pool.execute("VACUUM ANALYZE", timeout=600)
        return await _seen(long_reference)
    finally:
        await db.close_pool()


async def _fill(companies: int, communications: int, visible: int) -> str:
    present = (await db.fetch("SELECT count(*) AS n FROM company"))[0]["n"]
    await _run(_COMPANIES, companies - present)
    for statement in (_PARTICIPANTS, _PEOPLE, _ASSIGNMENTS, _DEPUTY):
        await _run(statement)
    await _run(_COLLEAGUES, COLLEAGUES)
    await _run(_THEIR_ASSIGNMENTS)
    await _run(_COMMUNICATIONS, communications, visible, SUBJECTS)
    long_reference = str((await db.fetch(_LONG_ONE, LONG))[0]["reference"])
    for statement in (_PARTIES, _LEVELS):
        await _run(statement)
    await _run(_MESSAGES, TEXT)
    await _run(_FILES, FILE_NAMES, LONG)
    for statement in (_READINGS, _AUDIT):
        await _run(statement)
    return long_reference


async def _seen(long_reference: str) -> World:
    people = await db.fetch("SELECT email_key FROM person WHERE email_key LIKE 'person@company%' ORDER BY id")
    counted = await db.fetch(
        "SELECT count(*) AS n, count(*) FILTER (WHERE p.company = asha.company) AS seen FROM communication_party p,"
        " person asha WHERE asha.email_key = 'asha@brightwatt.example'"
    )
    emails = [row["email_key"] for row in people]
    return World(emails, long_reference, counted[0]["n"] // 2, counted[0]["seen"])


async def _run(statement: str, *arguments: object) -> None:
    current = db.DB.current_transaction.get()
    assert current
    await current.connection.execute(statement, *arguments, timeout=600)
