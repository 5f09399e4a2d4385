"""Communications of Brightwatt's by the dozen, straight into the tables, each with all that a list is narrowed by."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sdes.kit import db

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = datetime(2026, 3, 12, 15, 30, tzinfo=UTC)  # a Thursday
WORDS = ("boiler", "meter", "gate", "1090000000010")
TAGS = ("urgent", "urgent matter", "Team Red")


@dataclass(frozen=True)
class Listed:
    """One row as Brightwatt sees it; people and companies by id."""

    id: int
    reference: str
    subject: str
    code: str
    title: str
    process: int
    other: int
    side: str
    created: datetime
    last_message: datetime
    direction: str
    level: int
    due: datetime | None
    archived: datetime | None
    owner: int | None
    owner_name: str
    tags: tuple[str, ...]

    @property
    def is_due_from_us(self) -> bool:
        """Whether a response is due from us: the one that was written to."""
        return self.due is not None and self.side == "recipient"


async def listed(count: int, seed: int = 1) -> list[Listed]:
    """So many communications between Brightwatt and others, with ties in everything; gives them as they are."""
    chance = random.Random(seed)
    ours = (await db.fetch("SELECT id, company FROM market_participant WHERE mpid = 'BRWT'"))[0]
    others = await db.fetch(
        "SELECT id, company FROM market_participant WHERE mpid IN ('NORG', 'CALD', 'CLRV') ORDER BY 1"
    )
    types = await db.fetch("SELECT id, code, title FROM process_type WHERE code IN ('PT0130', 'PT0131', 'PT0101')")
    people = await db.fetch(
        "SELECT id, name FROM person WHERE name IN ('Asha Rahman', 'Ben Carter', 'Mo Sheikh') ORDER BY 1"
    )
    rows = []
    for n in range(count):
        process, other = chance.choice(types), chance.choice(others)
        owner = chance.choice([None, *people])
        created = START + timedelta(hours=chance.randrange(40))
        row: dict[str, Any] = {
            "reference": f"SC98{n:06}",
            "subject": f"{chance.choice(WORDS)} {chance.choice(('Lane', 'lane', 'road'))}",
            "code": process["code"],
            "title": process["title"],
            "process": process["id"],
            "other": other["company"],
            "side": chance.choice(("sender", "recipient")),
            "created": created,
            "last_message": created + timedelta(hours=chance.randrange(20)),
            "direction": chance.choice(("sent", "received")),
            "level": chance.randint(1, 3),
            "due": chance.choice((None, NOW + timedelta(hours=chance.randrange(-30, 30)), NOW)),
            "archived": chance.choice((None, None, NOW)),
            "owner": owner["id"] if owner else None,
            "owner_name": owner["name"] if owner else "",
            "tags": tuple(tag for tag in TAGS if chance.random() < 0.3),
        }
        identity = await _insert(row, ours, other)
        rows.append(Listed(id=identity, **row))
    return rows


async def _insert(row: dict[str, Any], ours: Any, other: Any) -> int:
    pair = (ours["id"], other["id"]) if row["side"] == "sender" else (other["id"], ours["id"])
    (made,) = await db.fetch(
        "INSERT INTO communication (reference, process_type, sender, recipient, subject, items, level, max_level,"
        " message_count, created_at, last_message_at, due_at, archived_at)"
        " VALUES ($1, $2, $3, $4, $5, '[]', $6, 3, 1, $7, $8, $9, $10) RETURNING id",
        *(row["reference"], row["process"], *pair, row["subject"], row["level"], row["created"]),
        *(row["last_message"], row["due"], row["archived"]),
    )
    for company, its_other, side in (
        (ours["company"], other["company"], row["side"]),
        (other["company"], ours["company"], "recipient" if row["side"] == "sender" else "sender"),
    ):
        is_ours = company == ours["company"]
        await db.fetch(
            "INSERT INTO communication_party (communication, company, other_company, process_type, side, created_at,"
            " last_message_at, last_direction, last_received, last_read, level, due_at, archived_at,"
            " is_due_from_us, owner, tags, alert)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $10, $11, $12, $13, $14, '')",
            *(made["id"], company, its_other, row["process"], side, row["created"], row["last_message"]),
            *(row["direction"], row["level"], row["due"], row["archived"]),
            row["due"] is not None and side == "recipient",
            *((row["owner"], list(row["tags"])) if is_ours else (None, [])),
        )
        await db.fetch(
            "INSERT INTO communication_search (communication, company, words)"
            " VALUES ($1, $2, sdep_lexemes($2, ':', $3) || sdep_lexemes($2, '#', $4))",
            *(made["id"], company, row["subject"].lower(), " ".join(row["tags"]).lower() if is_ours else ""),
        )
    return int(made["id"])
