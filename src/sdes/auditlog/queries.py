"""Reads of the audit log."""

from dataclasses import dataclass
from datetime import datetime

from sdes.actor import Actor
from sdes.auditlog.access import readable_by
from sdes.auditlog.tables import AuditEntry
from sdes.kit import clock

_ABOUT = """
SELECT at, event, person_name, company_name, company_id, detail FROM audit_entry
 WHERE {} AND subject = {} ORDER BY at DESC, id DESC LIMIT {}
"""


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
    rows = await AuditEntry.raw(_ABOUT, readable_by(actor).querystring, subject, limit)
    return [Entry(**{**row, "at": clock.local(row["at"])}) for row in rows]


async def count_about(actor: Actor, subject: str) -> int:
    """How many entries `entries_about` would find without its limit."""
    return int(await AuditEntry.count().where(readable_by(actor), AuditEntry.subject == subject))
