"""Who is loaded with: the people, their sessions put straight into the database, and what each may ask for."""

import random
import secrets
from dataclasses import dataclass, field
from typing import Any

from bench.crowd.options import Options
from bench.visitor import FORM_COOKIE
from sdes.kit import csrf, db

_PEOPLE = """
SELECT p.id, p.company, p.email_key AS email,
       ARRAY(SELECT a.process_type FROM assignment a WHERE a.person = p.id) AS processes
  FROM person p WHERE p.email_key LIKE 'person%@company%' ORDER BY p.id LIMIT $1
"""
# What people open: the newest that is active, as their list shows it, and here and there something older.
_RECENT = """
SELECT company, array_agg(reference) AS found, array_agg(process_type) AS processes
  FROM (SELECT p.company, c.reference, p.process_type, row_number() OVER (
                   PARTITION BY p.company ORDER BY p.last_message_at DESC) AS n
          FROM communication_party p JOIN communication c ON c.id = p.communication
         WHERE p.archived_at IS NULL AND p.company = ANY ($1)) newest
 WHERE n <= 150 OR n % 1000 = 0 GROUP BY 1
"""
_FILES = """
SELECT p.company, p.process_type, c.reference, a.id::text AS id, a.size
  FROM attachment a JOIN message_attachment m ON m.attachment = a.id
  JOIN communication_party p ON p.communication = m.communication JOIN communication c ON c.id = p.communication
 WHERE length(a.wrapped_key) > 1 AND a.state = 'clean' AND p.company = ANY ($1)
"""
# Processes that ask for a supply number and nothing else that must be given.
_PROCESSES = """
SELECT p.id AS participant, p.company, r.process_type,
       ARRAY(SELECT o.id FROM market_participant o WHERE o.role = r.to_role AND o.company <> p.company
              ORDER BY o.id % 7, o.id LIMIT 60) AS recipients
  FROM market_participant p JOIN process_route r ON r.from_role = p.role JOIN process_type t ON t.id = r.process_type
 WHERE p.company = ANY ($1) AND t.fuel = 'E' AND EXISTS (
       SELECT 1 FROM data_item i WHERE i.process_type = t.id AND i.mandatory AND i.key = 'mpan')
   AND NOT EXISTS (SELECT 1 FROM data_item i WHERE i.process_type = t.id AND i.mandatory AND i.key <> 'mpan')
"""
_SESSIONS = """
INSERT INTO session (company, person, token_hash, stage, method, created_at, last_seen_at, expires_at, address, browser)
SELECT p.company, p.id, sha256(convert_to($1 || n, 'UTF8')), 'full', 'password', now(), now(),
       now() + interval '12 hours', '127.0.0.1', 'Mozilla/5.0'
  FROM unnest($2::int[]) WITH ORDINALITY o(person, n) JOIN person p ON p.id = o.person
"""


@dataclass
class Person:
    """Somebody, and what exists for them. `sends` are (participant, process type, recipients) that they may choose."""

    id: int
    email: str
    references: list[str]
    files: list[tuple[str, str, int]]
    sends: list[tuple[int, int, list[int]]]
    token: str = field(init=False)  # of their forms

    def __post_init__(self) -> None:
        self.token = csrf.token_for(f"{FORM_COOKIE}.{self.id}")


async def people(chosen: Options, url: str) -> tuple[list[Person], list[str]]:
    """The people, and the tokens of the sessions: session `n` is of person `n % len(people)`."""
    await db.open_pool(url, size=2)
    try:
        async with db.transaction():
            rows = await db.fetch(_PEOPLE, chosen.people)
            # of every company as many: the list is by company
            rows = random.Random(chosen.seed).sample(rows, len(rows))
            known = await _known(sorted({row["company"] for row in rows}))
            found = [_person(row, *known) for row in rows]
            found = [person for person in found if person.references]
            secret = secrets.token_urlsafe(24)
            whose = [found[n % len(found)].id for n in range(chosen.sessions)]
            await db.fetch(_SESSIONS, secret, whose)
            return found, [f"{secret}{n + 1}" for n in range(chosen.sessions)]
    finally:
        await db.close_pool()


def _person(row: Any, recent: Any, files: Any, sends: Any) -> Person:
    processes = set(row["processes"])
    company = row["company"]
    return Person(
        row["id"],
        row["email"],
        [reference for reference, process in recent.get(company, ()) if process in processes],
        [file[1:] for file in files.get(company, ()) if file[0] in processes],
        [send for send in sends.get(company, ()) if send[1] in processes],
    )


async def _known(companies: list[int]) -> tuple[dict[int, Any], dict[int, Any], dict[int, Any]]:
    recent = {
        row["company"]: list(zip(row["found"], row["processes"], strict=True))
        for row in await db.fetch(_RECENT, companies)
    }
    files: dict[int, Any] = {}
    for row in await db.fetch(_FILES, companies):
        files.setdefault(row["company"], []).append((row["process_type"], row["reference"], row["id"], row["size"]))
    sends: dict[int, Any] = {}
    for row in await db.fetch(_PROCESSES, companies):
        sends.setdefault(row["company"], []).append((row["participant"], row["process_type"], row["recipients"]))
    return recent, files, sends
