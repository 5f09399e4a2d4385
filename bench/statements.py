"""The statements that fill the measured world: communications with all that hangs on them, set by set."""

# The viewer's are spread evenly over all; the others lie between two companies that are not. With $4 one of those, the
# first, has a part in two of five.
COMMUNICATIONS = """
WITH viewer AS (
    SELECT m.id, m.company, m.role FROM market_participant m JOIN person p ON p.company = m.company
     WHERE p.email_key = 'asha@brightwatt.example' AND m.role = 'X'),
others AS (
    SELECT m.id, m.company, m.role, row_number() OVER (ORDER BY m.role = 'R', m.id) - 1 AS n
      FROM market_participant m JOIN company c ON c.id = m.company WHERE c.name LIKE 'Energy Company %'),
routes AS (
    SELECT r.from_role, r.to_role, r.process_type, count(l.number) AS levels,
           jsonb_build_object('may_escalate', count(l.number) > 1, 'levels', jsonb_agg(jsonb_build_object(
               'number', l.number, 'name', l.name, 'amount', l.response_amount, 'unit', l.response_unit)
               ORDER BY l.number)) AS rules,
           row_number() OVER (PARTITION BY r.from_role, r.to_role ORDER BY r.process_type) - 1 AS n,
           count(*) OVER (PARTITION BY r.from_role, r.to_role) AS size
      FROM process_route r JOIN process_level l ON l.process_type = r.process_type
     GROUP BY r.from_role, r.to_role, r.process_type),
planned AS (
    SELECT i, i * $2::bigint % $1::int < $2::int AS is_viewers, i * $2::bigint / $1::int % 2 = 0 AS is_turned,
           CASE WHEN $4::boolean AND i % 5 < 2 THEN 0 ELSE i * 7919::bigint END AS one, i * 104729::bigint + 1 AS two,
           now() - interval '60 days' * (($1::int - i) / $1::float) - interval '10 minutes' AS at,
           1 + i % 5 AS messages, counted.size
      FROM generate_series(1, $1::int) i CROSS JOIN (SELECT count(*) AS size FROM others) counted),
paired AS (
    SELECT p.i, p.at, p.messages,
           CASE WHEN p.is_viewers AND NOT p.is_turned THEN v.id ELSE a.id END AS sender,
           CASE WHEN p.is_viewers AND NOT p.is_turned THEN v.role ELSE a.role END AS from_role,
           CASE WHEN p.is_viewers AND p.is_turned THEN v.id ELSE b.id END AS recipient,
           CASE WHEN p.is_viewers AND p.is_turned THEN v.role ELSE b.role END AS to_role,
           CASE WHEN p.is_viewers AND p.is_turned THEN v.company ELSE b.company END AS recipient_company
      FROM planned p CROSS JOIN viewer v
      JOIN others a ON a.n = p.one % p.size
      JOIN others b ON b.n = (p.one + 1 + p.two % (p.size - 1)) % p.size)
INSERT INTO communication (reference, process_type, sender, recipient, subject, items, rules, level, max_level,
                           message_count, created_at, last_message_at, awaiting, due_at, archived_at)
SELECT 'SC' || lpad(nextval('communication_reference_seq')::text, 8, '0'), r.process_type, p.sender, p.recipient,
       ($3::text[])[1 + p.i % array_length($3::text[], 1)] || ' ' || p.i,
       jsonb_build_array(jsonb_build_object('key', 'mpan', 'label', 'MPAN', 'kind', 'mpan',
                                            'value', '12' || lpad(p.i::text, 11, '0'))), r.rules, 1, r.levels,
       p.messages, p.at, least(p.at + interval '5 hours' * (p.messages - 1), now() - interval '1 minute' * (p.i % 60)),
       CASE WHEN p.messages % 2 = 1 THEN p.recipient_company END,
       CASE WHEN p.messages % 2 = 1 THEN p.at + interval '7 days' END,
       CASE WHEN p.at < now() - interval '30 days' THEN p.at + interval '30 days' END
  FROM paired p JOIN routes r ON r.from_role = p.from_role AND r.to_role = p.to_role AND r.n = p.i / 7 % r.size
 ORDER BY p.i
"""
LONG_ONE = """
UPDATE communication SET message_count = $1::int, awaiting = NULL, due_at = NULL,
       created_at = now() - interval '6 days', last_message_at = now() - interval '1 hour'
 WHERE id = (SELECT c.id FROM communication c
               JOIN market_participant m ON m.id IN (c.sender, c.recipient)
               JOIN person p ON p.company = m.company AND p.email_key = 'asha@brightwatt.example'
              WHERE c.archived_at IS NULL ORDER BY c.id DESC LIMIT 1)
RETURNING reference
"""
# Every tenth is Asha's own, four of ten are her colleagues'; elsewhere the one person of the company owns every third.
PARTIES = """
WITH owners AS (
    SELECT company, array_agg(id ORDER BY email_key <> 'asha@brightwatt.example', id) AS ids
      FROM person WHERE NOT is_master_admin GROUP BY company),
sides AS (
    SELECT c.*, s.company AS own, d.company AS other, 'sender' AS side, true AS is_sender,
           c.message_count % 2 = 1 AS is_ours
      FROM communication c JOIN market_participant s ON s.id = c.sender JOIN market_participant d ON d.id = c.recipient
    UNION ALL
    SELECT c.*, d.company, s.company, 'recipient', false, c.message_count % 2 = 0
      FROM communication c JOIN market_participant s ON s.id = c.sender JOIN market_participant d ON d.id = c.recipient)
INSERT INTO communication_party (communication, company, other_company, process_type, side, created_at, last_message_at,
                                 last_direction, last_received, last_read, archived_at, tags, alert, level, due_at,
                                 is_due_from_us, changed_at, owner)
SELECT c.id, c.own, c.other, c.process_type, c.side, c.created_at, c.last_message_at,
       CASE WHEN c.is_ours THEN 'sent' ELSE 'received' END,
       CASE WHEN c.is_sender THEN c.message_count / 2 * 2 ELSE (c.message_count + 1) / 2 * 2 - 1 END,
       CASE WHEN c.id % 3 = 0 THEN 0 ELSE c.message_count END, c.archived_at,
       CASE WHEN c.id % 20 = 0 THEN '{urgent}'::text[] ELSE '{}'::text[] END, '', c.level, c.due_at,
       c.awaiting IS NOT DISTINCT FROM c.own, c.last_message_at,
       CASE WHEN cardinality(o.ids) > 5 THEN CASE WHEN c.id % 10 < 5 THEN o.ids[1 + c.id % 10] END
            WHEN c.id % 3 = 0 THEN o.ids[1] END
  FROM sides c JOIN owners o ON o.company = c.own
"""
LEVELS = """
INSERT INTO communication_level (communication, number, name, started_at, started_by, reason, due_at, responded_at)
SELECT c.id, 1, 'Operational contact', c.created_at, x.name, '', c.created_at + interval '7 days',
       CASE WHEN c.message_count > 1 THEN c.created_at + interval '5 hours' END
  FROM communication c JOIN market_participant s ON s.id = c.sender JOIN company x ON x.id = s.company
"""
MESSAGES = """
INSERT INTO message (communication, number, company, company_name, mpid, person, person_name, level, text, sent_at)
SELECT c.id, n, m.company, x.name, m.mpid, NULL, 'Person of ' || x.name, 1,
       left($1::text, (150 + (c.id * 37 + n * 211) % $2::int)::int),
       c.created_at + (c.last_message_at - c.created_at) * ((n - 1) / greatest(c.message_count - 1, 1)::float)
  FROM communication c CROSS JOIN generate_series(1, c.message_count) n
  JOIN market_participant m ON m.id = CASE WHEN n % 2 = 1 THEN c.sender ELSE c.recipient END
  JOIN company x ON x.id = m.company
"""
FILES = """
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
READINGS = """
INSERT INTO reading (company, communication, person, number, viewed_at, sessions)
SELECT p.company, p.communication, who.id, p.last_received, p.last_message_at, ARRAY[0]::bigint[]
  FROM communication_party p JOIN person who ON who.company = p.company AND NOT who.is_master_admin
 WHERE p.communication % 4 <> 0
"""
AUDIT = """
INSERT INTO audit_entry (at, event, person_name, company_id, company_name, subject, process, fuel, detail, audience,
                         request_id)
SELECT g.sent_at + tick * interval '5 minutes',
       CASE WHEN tick = 1 THEN 'sdep.communication.viewed' WHEN g.number = 1 THEN 'sdep.communication.sent'
            ELSE 'sdep.message.added' END,
       g.person_name, g.company, g.company_name, c.reference, 'Erroneous Transfer - General Query', 'Electricity', '',
       ARRAY[s.company, d.company]::bigint[], ''
  FROM message g JOIN communication c ON c.id = g.communication
  JOIN market_participant s ON s.id = c.sender JOIN market_participant d ON d.id = c.recipient
  CROSS JOIN generate_series(0, $1::int) tick
"""

# What each company finds its communications by: words of the texts, of which there are few kinds, and the words that
# only this one has. `kestrel` is in 50 of each company's, `heron` in every eighth.
WORDS = """
WITH texts AS MATERIALIZED (
    SELECT c.id AS company, k, sdep_lexemes(c.id, ':', ($1::text[])[1 + k % array_length($1::text[], 1)] || ' '
                                                         || left($2::text, 200 + 60 * k)) AS words
      FROM company c, generate_series(0, 7) k),
parties AS (
    SELECT p.communication, p.company, p.tags, c.items -> 0 ->> 'value' AS mpan,
           row_number() OVER (PARTITION BY p.company ORDER BY p.communication) AS n,
           greatest(1, count(*) OVER (PARTITION BY p.company) / 50) AS step
      FROM communication_party p JOIN communication c ON c.id = p.communication)
INSERT INTO communication_search (communication, company, words)
SELECT p.communication, p.company, t.words || array_to_tsvector(array_remove(ARRAY[
           p.company || ':' || p.communication, p.company || ':' || p.mpan,
           CASE WHEN n % step = 0 AND n / step <= 50 THEN p.company || ':kestrel' END,
           CASE WHEN n % 8 = 0 THEN p.company || ':heron' END,
           CASE WHEN p.tags <> '{}' THEN p.company || '#urgent' END], NULL))
  FROM parties p JOIN texts t ON t.company = p.company AND t.k = p.communication % 8
"""
