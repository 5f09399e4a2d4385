"""The mark of a restore under way: while it stands, the database is no house to open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sdes.kit import db
from sdes.kit.errors import Refused

MARK = "sdes_restore"  # a schema beside the tables, so that no dump holds it and every login sees it

_STANDS = f"SELECT to_regnamespace('{MARK}') IS NOT NULL AS stands"
_LOCK = "SELECT pg_try_advisory_lock(hashtext('sdes restore'))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtext('sdes restore'))"


async def is_unfinished() -> bool:
    """Whether a restore into this database is under way, or was cut off."""
    return bool((await db.fetch(_STANDS))[0]["stands"])


async def refuse_half_restored() -> None:
    """Refuses to open a house that is only half restored: whoever serves from it, or works in it, asks this first."""
    if await is_unfinished():
        raise Refused(
            "A restore into this database is under way, or was cut off. Run `sdes restore` with the same backup again: "
            "until it has finished, nothing is served from it."
        )


@asynccontextmanager
async def alone() -> AsyncIterator[None]:
    """Restoring within the block; refuses while another does."""
    assert db.DB.pool
    async with db.DB.pool.acquire() as connection:
        if not await connection.fetchval(_LOCK):
            raise Refused("Another restore into this database is under way. Wait until it has finished.")
        try:
            yield
        finally:
            await connection.execute(_UNLOCK)


async def set_mark() -> None:
    await db.fetch(f"CREATE SCHEMA IF NOT EXISTS {MARK}")


async def take_mark_away() -> None:
    await db.fetch(f"DROP SCHEMA {MARK}")
