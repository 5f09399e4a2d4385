"""The audit log: who did what, to what, when. Entries are only ever added, and outlive what they speak of (SD 13.1).

`record` adds one; every action calls it once, or `record_all` where it does much at once. Whoever is in an entry's
audience may read it.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sdes.actor import Actor
from sdes.kit import clock, db

__all__ = ["Entry", "record", "record_all"]

_INSERT = """
INSERT INTO audit_entry (at, event, person_id, person_name, company_id, company_name, subject, process, fuel, detail,
                         audience, request_id, about_company)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_INSERT_ALL = """
INSERT INTO audit_entry (at, event, person_id, person_name, company_id, company_name, subject, process, fuel, detail,
                         audience, request_id, about_company)
SELECT $1, one.event, $2, $3, $4, $5, one.subject, one.process, one.fuel, one.detail, one.audience, $6, $8
  FROM jsonb_to_recordset($7::jsonb)
       AS one(event text, subject text, process text, fuel text, detail text, audience bigint[])
"""

_OPEN_FOR = "SELECT set_config('sdes.company_id', $1, true)"


@dataclass(frozen=True)
class Entry:
    """One of many acts that happen at once; `audience` are the companies that may read it besides the actor's own."""

    event: str  # feature.noun.past-tense
    subject: str
    detail: str
    process: str = ""
    fuel: str = ""
    audience: tuple[int, ...] = ()


async def record(
    actor: Actor,
    event: str,
    *,
    subject: str = "",
    audience: Iterable[int] = (),
    process: str = "",
    fuel: str = "",
    detail: str = "",
    about_company: int | None = None,
) -> None:
    """Adds one entry in the open transaction.

    `event` is feature.noun.past-tense, `subject` the reference of what it was done to, `audience` the companies that
    may read the entry (the actor's own always may), `about_company` whose administration it is part of: it shows on
    that company's page of administrative acts, and that company may read it. What an overseer does inside another
    company is under their own name and company, as the database asks.
    """
    who = actor.overseer or actor
    readers = {*audience, *(one for one in (actor.company_id, who.company_id, about_company) if one)}
    if who is not actor:
        await db.fetch(_OPEN_FOR, str(who.company_id))
    await db.fetch(
        _INSERT,
        clock.now(),
        event,
        who.person_id,
        who.name[:120],
        who.company_id,
        who.company_name[:120],
        subject,
        process,
        fuel,
        detail,
        sorted(readers),
        who.request_id,
        about_company,
    )
    if who is not actor:
        await db.fetch(_OPEN_FOR, str(actor.company_id))


async def record_all(actor: Actor, entries: Iterable[Entry], *, about_company: int | None = None) -> None:
    """Adds many entries in one statement: on the administration of the actor's own company, or of that one; what the
    system does to communications is of nobody's administration."""
    about = about_company or actor.company_id
    all_of_them = [{**asdict(one), "audience": sorted({*one.audience, about} - {None})} for one in entries]
    if not all_of_them:
        return
    await db.fetch(
        _INSERT_ALL,
        clock.now(),
        actor.person_id,
        actor.name[:120],
        actor.company_id,
        actor.company_name[:120],
        actor.request_id,
        json.dumps(all_of_them),
        about,
    )
