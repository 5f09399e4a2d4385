"""The ledger of deletions, kept beside the files and outside the database: a restored backup is made to forget again by
it. Numbers, references and times; nobody's words."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import uuid4

from sdes.attachments.vault import LEDGER, Vault
from sdes.kit import clock


@dataclass(frozen=True)
class Line:
    """One communication that is deleted. Its time of creation tells it from another that gets its number later."""

    id: int
    reference: str
    created_at: datetime
    last_message_at: datetime
    archived_at: datetime


async def write(vault: Vault, deleted_at: datetime, lines: Sequence[Line]) -> None:
    """Notes communications as deleted; `Unavailable` when the store does not answer."""
    told = {"deleted_at": deleted_at, "communications": [asdict(line) for line in lines]}
    async with vault.blobs.writer(f"{LEDGER}/{clock.local(deleted_at).date()}/{uuid4().hex}") as blob:
        await blob.write(json.dumps(told, default=datetime.isoformat).encode())


async def lines_of(vault: Vault) -> AsyncIterator[tuple[datetime, list[Line]]]:
    """Every note with its time, in no order."""
    async for stored in vault.blobs.keys(LEDGER):
        told = json.loads(await vault.blobs.read_range(stored.key, 0, stored.size))
        yield datetime.fromisoformat(told["deleted_at"]), [_line(**line) for line in told["communications"]]


def _line(id: int, reference: str, created_at: str, last_message_at: str, archived_at: str) -> Line:
    moments = (datetime.fromisoformat(text) for text in (created_at, last_message_at, archived_at))
    return Line(id, reference, *moments)
