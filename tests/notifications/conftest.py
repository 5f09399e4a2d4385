"""What tests of notifications share: moments, people by their address, settings, and the job by the clock."""

from datetime import datetime
from typing import Any

import pytest

from jobs.notifications import notifications_mail
from sdes.kit import clock, db
from tests.support.mails import Mail, mails_to

NILS, NORA = "nils@northgrid.example", "nora@northgrid.example"
ASHA, BEN = "asha@brightwatt.example", "ben@brightwatt.example"
QUICK = "PT0010"


def london(day: str, hour: str) -> datetime:
    """A moment by the clocks of London: `london("2026-11-23", "09:20")`; of two such moments, the first."""
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=clock.LONDON)


async def wants(email: str, frequency: str) -> None:
    """Has that person have chosen how often they want mail."""
    await db.fetch(
        "INSERT INTO notification_setting (company, person, frequency) SELECT company, id, $2 FROM person"
        " WHERE email_key = $1 ON CONFLICT (person) DO UPDATE SET frequency = EXCLUDED.frequency",
        email,
        frequency,
    )


async def told(email: str, at: datetime, reference: str = "SC00000001", **columns: Any) -> int:
    """A notification of another message for that person, as `sdep_notify` writes it; gives its id."""
    (last,) = await db.fetch("SELECT coalesce(max(number), 0) AS number FROM notification")
    row = {
        "title": "Disconnection at 4 Mill Lane",
        "process": "Electricity Disconnection - Escalation",
        "kind": "message",
        "number": last["number"] + 1,
        "from_name": "Brightwatt Energy",
        "closed_by": "",
        "is_quick": False,
        "wants_mail": True,
        **columns,
    }
    names = ", ".join(row)
    values = ", ".join(f"${n}" for n in range(4, 4 + len(row)))
    (made,) = await db.fetch(
        f"INSERT INTO notification (company, person, created_at, subject, {names})"
        f" SELECT company, id, $2, $3, {values} FROM person WHERE email_key = $1 RETURNING id",
        email,
        at,
        reference,
        *row.values(),
    )
    return int(made["id"])


async def seen(email: str, at: datetime, stage: str = "full") -> None:
    """A session of that person's which was last used then."""
    await db.fetch(
        "INSERT INTO session (company, person, token_hash, stage, method, created_at, last_seen_at, expires_at,"
        " address, browser) SELECT company, id, gen_random_uuid()::text::bytea, $3, 'password', $2, $2,"
        " $2::timestamptz + interval '12 hours', '', '' FROM person WHERE email_key = $1",
        email,
        at,
        stage,
    )


async def mailed(at: datetime, email: str = NILS) -> list[Mail]:
    """What the job mails to that person, as at that moment."""
    before = len(await mails_to(email, "notifications"))
    with clock.at(at):
        await notifications_mail({})
    return (await mails_to(email, "notifications"))[before:]


@pytest.fixture
async def quiet(sign_in: object) -> None:
    """Nobody has been told anything, nobody wants mail, nobody has ever been here."""
    for table in ("notification", "notification_setting", "session"):
        await db.fetch(f"DELETE FROM {table}")
