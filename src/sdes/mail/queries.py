"""Reads of mail: how much waits, for whoever wants to know, and the demo's mails, which everybody may read."""

from dataclasses import dataclass
from datetime import datetime

from sdes.kit import clock, db

PAGE = 25

_DEMO = """
SELECT id, to_address, to_name, subject, text, html, at FROM demo_mail
 WHERE ($1 = '' OR strpos(lower(to_address), lower($1)) > 0) AND ($2::bigint IS NULL OR id < $2)
 ORDER BY id DESC LIMIT $3
"""


@dataclass(frozen=True)
class Waiting:
    """How many mails wait to be sent, and since when the oldest does, in London time."""

    count: int
    since: datetime | None


@dataclass(frozen=True)
class KeptMail:
    """A mail of the demo; `at` is London time."""

    id: int
    to_address: str
    to_name: str
    subject: str
    text: str
    html: str
    at: datetime


async def waiting() -> Waiting:
    """What waits, of all companies together: two figures, and nothing of whom they are for."""
    (row,) = await db.fetch("SELECT waiting, oldest FROM mail_waiting()")
    return Waiting(row["waiting"], clock.local(row["oldest"]) if row["oldest"] else None)


async def demo_mails(to: str, before: int | None) -> tuple[list[KeptMail], bool]:
    """A page of the demo's mails, newest first, whose address holds `to`, from below the id `before`; and whether
    there are older ones."""
    rows = await db.fetch(_DEMO, to, before, PAGE + 1)
    return [KeptMail(**{**row, "at": clock.local(row["at"])}) for row in rows[:PAGE]], len(rows) > PAGE
