"""Nights of the job that looks at inactive accounts, by the clock, and what they left."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from jobs.accounts import accounts_inactivity
from sdes.attachments.vault import Vault
from sdes.kit import clock, db, keyring

FIRST = datetime(2026, 1, 5, 4, 30, tzinfo=UTC)  # the job's hour
ASHA, BEN, MO = "asha@brightwatt.example", "ben@brightwatt.example", "mo@brightwatt.example"
PIET = "piet@provider.example"


async def night(number: int) -> None:
    """The job, on the night so many days after everybody signed in."""
    with clock.at(FIRST + timedelta(days=number)):
        await accounts_inactivity({})


async def everybody_but(away: str, *, signs_in_every: int, nights: int, first: int = 1) -> None:
    for number in range(first, nights + 1):
        if number % signs_in_every == 0:
            await signs_in_all_but(away, number)
        await night(number)


async def signs_in_all_but(away: str, number: int) -> None:
    await execute(
        "UPDATE person SET last_sign_in_at = $1 WHERE email_key <> $2 AND state <> 'deleted'",
        FIRST + timedelta(days=number),
        away,
    )


async def signs_in(email: str, number: int) -> None:
    """As `open_session` leaves it."""
    await execute(
        "UPDATE person SET last_sign_in_at = $1, warned_from = NULL, was_last_user = false WHERE email_key = $2",
        FIRST + timedelta(days=number),
        email,
    )


async def only_asha_holds_one_use_case() -> dict[str, Any]:
    """Leaves Asha as the only one of Brightwatt at level 2 of a process type; gives the process type."""
    rows = await db.fetch(
        "SELECT t.id, t.title || ' - ' || t.contact_type || CASE t.fuel WHEN 'E' THEN ' (Electricity)'"
        " WHEN 'G' THEN ' (Gas)' ELSE ' (Dual fuel)' END AS title FROM process_type t"
        " JOIN assignment a ON a.process_type = t.id AND a.level = 2 JOIN person p ON p.id = a.person"
        " WHERE p.email_key = $1 ORDER BY t.id LIMIT 1",
        ASHA,
    )
    await execute(
        "DELETE FROM assignment USING person p WHERE p.id = assignment.person AND assignment.process_type = $1"
        " AND assignment.level = 2 AND p.email_key = ANY($2)",
        rows[0]["id"],
        [BEN, MO],
    )
    return dict(rows[0])


async def assign(email: str, process: int) -> None:
    """Puts them in level 2 of it."""
    await execute(
        "INSERT INTO assignment (company, person, process_type, level)"
        " SELECT company, id, $1, 2 FROM person WHERE email_key = $2",
        process,
        email,
    )


async def execute(sql: str, *words: Any) -> None:
    await db.fetch(sql, *words)


async def person_id(email: str) -> int:
    return int((await db.fetch("SELECT id FROM person WHERE email_key = $1", email))[0]["id"])


async def person(person_id: int) -> Any:
    return (await db.fetch("SELECT * FROM person WHERE id = $1", person_id))[0]


async def state(person_id: int) -> str:
    return str((await person(person_id))["state"])


async def kinds() -> list[str]:
    return [row["kind"] for row in await db.fetch("SELECT kind FROM mail ORDER BY id")]


async def mails_of(kind: str) -> list[dict[str, Any]]:
    rows = await db.fetch("SELECT * FROM mail WHERE kind = $1 ORDER BY id", kind)
    return [{**dict(row), **json.loads(keyring.unseal(f"mail:{row['to_address']}", row["body"]))} for row in rows]


async def quiet_start(vault: Vault) -> None:
    """Everybody signed in at the beginning and there are no mails."""
    keyring.use(vault.master)
    await execute("UPDATE person SET created_at = $1, last_sign_in_at = $1", FIRST)
    await execute("DELETE FROM mail")
