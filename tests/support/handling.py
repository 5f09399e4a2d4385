"""Looking after communications through the doors: owner, search tags, archive, and many rows at once."""

from collections.abc import Iterable
from typing import Any

import httpx

from sdes.kit import db
from tests.support.people import Browser

LIST = "/sdep/communications"


async def person_id(name: str) -> int:
    """The number of a person of the cast."""
    return int((await db.fetch("SELECT id FROM person WHERE name = $1", name))[0]["id"])


async def party(reference: str, company: str) -> Any:
    """A company's own row of a communication, whoever asks."""
    rows = await db.fetch(
        "SELECT p.*, o.name AS owner_name FROM communication_party p JOIN communication c ON c.id = p.communication"
        " JOIN company x ON x.id = p.company LEFT JOIN person o ON o.id = p.owner"
        " WHERE c.reference = $1 AND x.name = $2",
        reference,
        company,
    )
    return rows[0]


async def assign(browser: Browser, reference: str, person: object, seen: object = "", **words: Any) -> httpx.Response:
    """Presses Assign with that person chosen."""
    fields = {"person": str(person), "seen": str(seen)}
    return await browser.post(f"{LIST}/{reference}/owner", fields, **words)


async def add_tag(browser: Browser, reference: str, tag: str, **words: Any) -> httpx.Response:
    return await browser.post(f"{LIST}/{reference}/tags", {"tag": tag}, **words)


async def archive(browser: Browser, reference: str, seen: int = 1) -> httpx.Response:
    """Confirms the warning on a page that has shown message `seen`."""
    return await browser.post(f"{LIST}/{reference}/archiving", {"seen": str(seen)})


async def act(browser: Browser, what: str, ticks: Iterable[str], **fields: Any) -> httpx.Response:
    """Presses a button below a list with those boxes ticked."""
    return await browser.post(f"{LIST}/bulk", {"act": what, "tick": list(ticks), **fields})


async def events(reference: str) -> list[tuple[str, str, int]]:
    """The audit log of a communication: event, detail and how many companies may read it, oldest first."""
    rows = await db.fetch(
        "SELECT event, detail, cardinality(audience) AS readers FROM audit_entry WHERE subject = $1 ORDER BY id",
        reference,
    )
    return [(row["event"], row["detail"], row["readers"]) for row in rows]


async def unassign(name: str, reference: str) -> None:
    """Takes all use cases of the communication's process type from somebody."""
    await db.fetch(
        "DELETE FROM assignment WHERE person = (SELECT id FROM person WHERE name = $1)"
        " AND process_type = (SELECT process_type FROM communication WHERE reference = $2)",
        name,
        reference,
    )
