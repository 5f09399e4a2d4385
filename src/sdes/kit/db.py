"""The database: one engine a process, transactions that nest as savepoints, and what is done after a commit."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine

from sdes.kit.errors import Unavailable

log = logging.getLogger(__name__)

Callback = Callable[[], Awaitable[None]]

_POWERS = """
SELECT current_user AS name,
       EXISTS (SELECT 1 FROM pg_roles r WHERE (r.rolsuper OR r.rolbypassrls) AND pg_has_role(r.oid, 'MEMBER'))
       OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'MEMBER'))
       AS is_powerful
"""

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

_waiting: set[object] = set()  # who waits for a connection
_callbacks: ContextVar[list[Callback] | None] = ContextVar("after_commit", default=None)


async def open_pool(url: str, *, size: int = 16) -> None:
    """Connects this process to the database at `url` (one login a process) with at most `size` connections."""
    DB.config = {"dsn": url}
    await DB.start_connection_pool(min_size=1, max_size=size, reset=_tidy, command_timeout=60)


async def close_pool() -> None:
    """Gives back every connection."""
    if DB.pool:
        await DB.close_connection_pool()


async def refuse_powerful_login() -> None:
    """Refuses (RuntimeError) to go on with a login that row-level security does not bind: the pool is the web's."""
    (login,) = await fetch(_POWERS)
    if login["is_powerful"]:
        raise RuntimeError(
            f"The web application must not use the database login {login['name']}: it is a superuser, may bypass"
            " row-level security or owns tables, so it would see every company's rows. Set DATABASE_URL to a login"
            " that owns nothing, such as sdes_web, which `sdes migrate` makes."
        )


class Unit:
    """A unit of work: a transaction, or a savepoint where one is open, committed or rolled back whole, by hand."""

    def __init__(self) -> None:
        self._outer = DB.current_transaction.get()
        self._transaction: Any = None
        self._savepoint: Any = None
        self._waiting: list[Callback] = []
        self._callbacks_outside: list[Callback] | None = None
        self.is_open = False

    async def begin(self) -> None:
        """Opens it; a database that does not answer is `Unavailable`."""
        if self._outer:
            self._savepoint = await self._outer.savepoint()
        else:
            self._transaction = await _begun()
            self._callbacks_outside = _callbacks.get()
            _callbacks.set(self._waiting)
        self.is_open = True

    async def commit(self) -> None:
        """Makes it true, then does what `after_commit` was given."""
        self.is_open = False
        if self._savepoint:
            await self._savepoint.release()
            return
        try:
            await self._transaction.commit()
        finally:
            await self._leave()
        for callback in self._waiting:
            try:
                await callback()
            except Exception:  # what must happen is a row; a lost nudge is picked up by the sweep
                log.exception("after the commit")

    async def rollback(self) -> None:
        """Undoes it; what `after_commit` was given is dropped."""
        self.is_open = False
        if self._savepoint:
            await self._savepoint.rollback_to()
            return
        try:
            await self._transaction.rollback()
        except LOST as cause:
            log.warning("rolling back on a lost connection: %s", type(cause).__name__)
        finally:
            await self._leave()

    async def _leave(self) -> None:
        DB.current_transaction.set(None)
        _callbacks.set(self._callbacks_outside)
        await _give_back(self._transaction.connection)


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


async def _begun() -> Any:
    """A transaction that has begun, on a connection of its own, which is given back if it cannot begin: whoever gives
    up in that moment must not take a connection along."""
    connection = await _free_connection()
    begun: Any = DB.transaction()
    begun.connection, begun.transaction = connection, connection.transaction()
    try:
        await begun.begin()
    except BaseException as cause:
        await _give_back(connection)
        if isinstance(cause, LOST):
            raise _does_not_answer(cause) from cause
        raise
    DB.current_transaction.set(begun)
    return begun


async def _free_connection() -> Any:
    """A connection as soon as one is free; a database that does not answer is `Unavailable`."""
    assert DB.pool
    here = object()
    _waiting.add(here)
    try:
        return await DB.pool.acquire(timeout=PATIENCE)
    except TimeoutError as cause:
        log.error("no connection to the database was free for %s s", PATIENCE)
        raise Unavailable(VERY_BUSY) from cause
    except LOST as cause:
        raise _does_not_answer(cause) from cause
    finally:
        _waiting.discard(here)


async def _give_back(connection: Any) -> None:
    if DB.pool:  # it may have been closed meanwhile
        await DB.pool.release(connection)


def _does_not_answer(cause: BaseException) -> Unavailable:
    log.error("the database does not answer: %s", type(cause).__name__)
    return Unavailable("The database does not answer. Nothing was saved. Try again in a minute.")


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """A transaction around the block, or a savepoint where one is open: all of it is kept, or nothing."""
    unit = Unit()
    await unit.begin()
    try:
        yield
    except BaseException:
        await unit.rollback()
        raise
    await unit.commit()


def after_commit(callback: Callback) -> None:
    """Remembers `callback` until the outermost transaction is committed; a roll-back forgets it."""
    waiting = _callbacks.get()
    if waiting is None:
        raise RuntimeError("after_commit needs an open transaction")
    waiting.append(callback)


async def fetch(sql: str, *arguments: Any) -> list[Any]:
    """Rows of one statement with `$1` placeholders on the open transaction's connection; where none is open, the
    statement is one of its own, in a single round trip."""
    current = DB.current_transaction.get()
    if current:
        return list(await current.connection.fetch(sql, *arguments))
    connection = await _free_connection()
    try:
        return list(await connection.fetch(sql, *arguments))
    finally:
        await _give_back(connection)


async def maintain(statement: str, *, seconds: float) -> None:
    """Runs, for at most `seconds`, what PostgreSQL does in no transaction (VACUUM, REINDEX CONCURRENTLY), on a
    connection of its own."""
    assert DB.pool
    async with DB.pool.acquire() as connection:
        await connection.execute(statement, timeout=seconds)


async def batches(sql: str, *arguments: Any, size: int) -> AsyncIterator[list[Any]]:
    """Rows of one statement in the open transaction, `size` at a time, however many: never all of them in memory."""
    current = DB.current_transaction.get()
    if current is None:
        raise RuntimeError("batches needs an open transaction")
    cursor = await current.connection.cursor(sql, *arguments)
    while rows := await cursor.fetch(size):
        yield list(rows)


async def _tidy(connection: Any) -> None:
    """What is set is set for one transaction only, so a returned connection needs no reset unless one was left open."""
    if connection.is_in_transaction():
        await connection.reset()
