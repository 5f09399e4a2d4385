"""The pool: one engine a process, its connections, who waits for one, and when there are too many to wait."""

import asyncio
import logging
from contextvars import ContextVar
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine

from sdes.kit.errors import Unavailable

log = logging.getLogger(__name__)

PATIENCE = 15.0  # seconds to wait for a free connection
MOST_WAITING = 150  # for one in a process, some seconds' work of it
VERY_BUSY = "The service is very busy. Nothing was saved. Try again in a minute."
LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class _Engine(PostgresEngine):
    """Piccolo's engine, made before its address is known: it is told by `open_pool` when the process starts."""

    async def check_version(self) -> None: ...

    async def prep_database(self) -> None: ...


DB = _Engine(config={}, extensions=())

_waiting: set[asyncio.Task[Any] | None] = set()  # who waits for a connection


class Work:
    """What is done for one request, in whatever tasks: it has begun as soon as it was given a connection."""

    has_begun = False


work: ContextVar[Work | None] = ContextVar("work", default=None)  # set by whoever asks later whether it has begun


async def open_pool(url: str, *, size: int = 16, through_pooler: bool = False) -> None:
    """Connects this process to the database at `url` (one login a process) with at most `size` connections. A pooler
    gives each transaction another one of its own, so that no prepared statement may outlive it."""
    DB.config = {"dsn": url}
    kept: dict[str, Any] = {"statement_cache_size": 0} if through_pooler else {}
    await DB.start_connection_pool(min_size=1, max_size=size, reset=_tidy, command_timeout=60, **kept)


async def close_pool() -> None:
    """Gives back every connection."""
    if DB.pool:
        await DB.close_connection_pool()


def refuse_if_crowded() -> None:
    """Refuses (`Unavailable`) whoever comes while so many wait for a connection that they would be answered when nobody
    reads it any more: else everybody would wait as long, and nobody be answered in time."""
    if is_crowded():
        raise Unavailable(VERY_BUSY)


def is_crowded() -> bool:
    """Whether too many wait for a connection for another to be answered in time."""
    return waiting() >= MOST_WAITING


def waiting() -> int:
    """How many of this process wait for a connection."""
    return len(_waiting)


def waits(task: asyncio.Task[Any]) -> bool:
    """Whether that task waits for a connection."""
    return task in _waiting


async def free_connection() -> Any:
    """A connection as soon as one is free; a database that does not answer is `Unavailable`."""
    assert DB.pool
    _waiting.add(here := asyncio.current_task())
    try:
        connection = await DB.pool.acquire(timeout=PATIENCE)
        if mine := work.get():
            mine.has_begun = True
        return connection
    except TimeoutError as cause:
        log.error("no connection to the database was free for %s s", PATIENCE)
        raise Unavailable(VERY_BUSY) from cause
    except LOST as cause:
        raise does_not_answer(cause) from cause
    finally:
        _waiting.discard(here)


async def give_back(connection: Any) -> None:
    """Gives a connection back to the pool."""
    if DB.pool:  # it may have been closed meanwhile
        try:
            await DB.pool.release(connection)
        except LOST as cause:
            log.warning("giving back a lost connection: %s", type(cause).__name__)


def does_not_answer(cause: BaseException) -> Unavailable:
    """What is told when the database is away."""
    log.error("the database does not answer: %s", type(cause).__name__)
    return Unavailable("The database does not answer. Nothing was saved. Try again in a minute.")


async def _tidy(connection: Any) -> None:
    """What is set is set for one transaction only, so a returned connection needs no reset unless one was left open."""
    if connection.is_in_transaction():
        await connection.reset()
