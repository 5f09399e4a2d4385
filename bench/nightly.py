"""What has no page of its own: the nights in which 10,000 are archived and deleted, and the folder counts."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx

from bench.house import House
from bench.visitor import Visitor
from jobs import sdep as jobs
from sdes.accounts.sessions import enter
from sdes.app import create_app
from sdes.attachments.vault import open_vault
from sdes.kit import clock, db, kept, keyring
from sdes.sdep.queries.counts import counts

MOST = 10_000  # communications in one night

_OLDEST_ACTIVE = (
    "SELECT last_message_at AS at FROM communication WHERE archived_at IS NULL ORDER BY 1 OFFSET $1 LIMIT 1"
)
_OLDEST_ARCHIVED = (
    "SELECT archived_at AS at FROM communication WHERE archived_at IS NOT NULL ORDER BY 1 OFFSET $1 LIMIT 1"
)
_ACTIVE = "SELECT count(*) AS n FROM communication WHERE archived_at IS NULL"
_ALL = "SELECT count(*) AS n FROM communication"


@dataclass(frozen=True)
class Night:
    """One nightly job: how many communications it was done to, and how long it took."""

    name: str
    done: int
    seconds: float


async def nights(made: House) -> list[Night]:
    """Archives and deletes by the jobs themselves, as at the time when about `MOST` are due, or a tenth of a small
    world."""
    await db.open_pool(made.urls.owner_url, size=2)
    try:
        vault = open_vault(made.settings)
        keyring.use(vault.master)
        (row,) = await db.fetch(_ALL)
        due = min(MOST, row["n"] // 10)
        return [
            await _night("nightly archive", jobs.sdep_archive, {"vault": vault}, _OLDEST_ACTIVE, _ACTIVE, due),
            await _night("nightly deletion", jobs.sdep_delete, {"vault": vault}, _OLDEST_ARCHIVED, _ALL, due),
        ]
    finally:
        await db.close_pool()


async def _night(
    name: str, job: Callable[[dict[str, Any]], Awaitable[None]], ctx: dict[str, Any], oldest: str, left: str, due: int
) -> Night:
    (row,) = await db.fetch(oldest, due)
    (before,) = await db.fetch(left)
    begun = time.perf_counter()
    with clock.at(clock.local(row["at"]) + timedelta(days=30)):
        await job(ctx)
    seconds = time.perf_counter() - begun
    (after,) = await db.fetch(left)
    return Night(name, before["n"] - after["n"], seconds)


async def counts_times(made: House, email: str, calls: int) -> list[float]:
    """How long the folder counts take as that person's, in milliseconds, with the web's own login."""
    app = create_app(replace(made.settings, database_pool=1))
    times = []
    async with app.lifespan():
        visitor = await Visitor.signed_in("http://bench", httpx.ASGITransport(app=app), email)  # type: ignore[arg-type]
        for _ in range(calls):
            async with db.transaction():
                visit = await enter(visitor.token, timedelta(hours=1), is_visit=False, request_id="bench")
                kept.forget_everything()
                begun = time.perf_counter()
                await counts(visit.actor)
                times.append((time.perf_counter() - begun) * 1000)
    return times
