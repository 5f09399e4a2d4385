"""How a report is read: its first rows with their number for a page, all of them in batches for a file."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.catalogue.views import FUELS, process_name
from sdes.kit import clock, db

Row = dict[str, Any]

BATCH = 2_000
DELETED = "Deleted"


@dataclass(frozen=True)
class Found:
    """The first rows of a report, and how many there are in all."""

    rows: list[Row] = field(default_factory=list)
    total: int = 0


async def first_rows(actor: Actor, statement: QueryString) -> Found:
    """The rows of a statement that gives their number as `total` with each."""
    rows = await fetch(actor, statement)
    return Found([shown(actor, row) for row in rows], rows[0]["total"] if rows else 0)


async def batches(actor: Actor, statement: QueryString) -> AsyncIterator[list[Row]]:
    """All rows of a statement, some at a time, in the open transaction: as they stood at one moment."""
    sql, arguments = statement.compile_string()
    async for batch in db.batches(sql, *arguments, size=BATCH):
        yield [shown(actor, dict(row)) for row in batch]


async def fetch(actor: Actor, statement: QueryString) -> list[Row]:
    """Rows of a statement, as they are. Whose they are, the statement has asked of `actor`."""
    sql, arguments = statement.compile_string()
    return [dict(row) for row in await db.fetch(sql, *arguments)]


def shown(actor: Actor, row: Row) -> Row:
    """A row as people read it: London time, words for codes; `href` where the reader may open the communication, or
    what is kept of it."""
    told: Row = {key: clock.local(value) if isinstance(value, datetime) else value for key, value in row.items()}
    if "fuel" in told:
        told["process_name"] = process_name(told["process"], told["contact_type"], told["fuel"])
        told["fuel"] = FUELS[told["fuel"]]
    if "side" in told:
        told["direction"] = "Sent" if told["side"] == "sender" else "Received"
        is_open = told["process_type"] in actor.process_types
        told["href"] = f"/sdep/communications/{told['reference']}" if is_open else None
        told["subject"] = told["subject"] if not told["is_deleted"] else DELETED
    return told
