"""Reads of the audit log."""

from dataclasses import dataclass
from datetime import datetime

from sdes.actor import Actor
from sdes.auditlog.access import readable_by
from sdes.auditlog.tables import AuditEntry
from sdes.kit import clock


@dataclass(frozen=True)
class Entry:
    """One line of the log as its readers see it; `at` is London time."""

    at: datetime
    event: str
    person_name: str
    company_name: str
    company_id: int | None
    detail: str


async def entries_about(actor: Actor, subject: str, limit: int = 500) -> list[Entry]:
    """What the actor's company may read about `subject`, newest first (SD 11.1(b)ii)."""
    rows = (
        await AuditEntry.select(
            AuditEntry.at,
            AuditEntry.event,
            AuditEntry.person_name,
            AuditEntry.company_name,
            AuditEntry.company_id,
            AuditEntry.detail,
        )
        .where(readable_by(actor), AuditEntry.subject == subject)
        .order_by(AuditEntry.at, AuditEntry.id, ascending=False)
        .limit(limit)
    )
    return [Entry(**{**row, "at": clock.local(row["at"])}) for row in rows]


async def count_about(actor: Actor, subject: str) -> int:
    """How many entries `entries_about` would find without its limit."""
    return int(await AuditEntry.count().where(readable_by(actor), AuditEntry.subject == subject))
