"""The database: reading, transactions that nest as savepoints, and what is done after a commit."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from sdes.kit.pool import DB as DB
from sdes.kit.pool import LOST as LOST
from sdes.kit.pool import close_pool as close_pool
from sdes.kit.pool import does_not_answer, free_connection, give_back
from sdes.kit.pool import open_pool as open_pool

log = logging.getLogger(__name__)

Callback = Callable[[], Awaitable[None]]

_POWERS = """
SELECT current_user AS name,
       EXISTS (SELECT 1 FROM pg_roles r WHERE (r.rolsuper OR r.rolbypassrls) AND pg_has_role(r.oid, 'MEMBER'))
       OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'MEMBER'))
       AS is_powerful
"""

_callbacks: ContextVar[list[Callback] | None] = ContextVar("after_commit", default=None)


async def refuse_powerful_login() -> None:
    """Refuses (RuntimeError) to go on with a login that row-level security does not bind: the pool is the web's."""
    (login,) = await fetch(_POWERS)
    if login["is_powerful"]:
        raise RuntimeError(
            f"The web application must not use the database login {login['name']}: it is a superuser, may bypass"
            " row-level security or owns tables, so it would see every company's rows. Set DATABASE_URL to a login"
            " that owns nothing, such as sdes_web, which `sdes migrate` makes."
        )


class Reading:
    """What a page that only reads stands on: a connection, on which each statement is a transaction of its own, in one
    round trip, that sees the rows of one company and can change nothing.

    It takes the place of the open transaction, for Piccolo too. Where a transaction is open already, that one is used.
    """

    def __init__(self) -> None:
        self.connection: Any = None
        self._sees: str | None = None
        self._held: Any = None

    async def begin(self) -> None:
        """Takes a connection; a database that does not answer is `Unavailable`."""
        if DB.current_transaction.get() is None:
            self._held, self.connection = await free_connection(), self
            DB.current_transaction.set(self)  # type: ignore[arg-type]

    def see(self, company_id: int | None) -> None:
        """From now on that company's rows are seen, and nothing is changed; until then statements go as they are."""
        self._sees = str(company_id or "")

    async def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        """What Piccolo and `fetch` ask a connection for."""
        if self._sees is None:
            return list(await self._held.fetch(sql, *arguments))
        return list(await self._held.fetch(_seen(sql, len(arguments) + 1), *arguments, self._sees))

    async def begun(self) -> Any:
        """A transaction on this connection that acts for the same company, for what such a page has to write."""
        transaction = await _begun(self._held)
        try:
            await self._held.fetch("SELECT set_config('sdes.company_id', $1, true)", self._sees or "")
        except BaseException:
            DB.current_transaction.set(self)  # type: ignore[arg-type]
            with suppress(*LOST):
                await transaction.rollback()
            raise
        return transaction

    async def end(self) -> None:
        """Gives the connection back."""
        if self._held is not None:
            held, self._held = self._held, None
            DB.current_transaction.set(None)
            await give_back(held)


@lru_cache(2000)
def _seen(sql: str, number: int) -> str:
    """That statement, seeing what the company in its last argument may see. The condition names no column, so that it
    is asked before any row is looked at."""
    return (
        f"SELECT read.* FROM ({sql}) read WHERE (SELECT set_config('transaction_read_only', 'on', true)"
        f" || set_config('sdes.company_id', ${number}, true)) IS NOT NULL"
    )


class Unit:
    """A unit of work: a transaction, or a savepoint where one is open, committed or rolled back whole, by hand."""

    def __init__(self) -> None:
        self._outer: Any = DB.current_transaction.get()
        self._reading = self._outer if isinstance(self._outer, Reading) else None
        self._transaction: Any = None
        self._savepoint: Any = None
        self._waiting: list[Callback] = []
        self._callbacks_outside: list[Callback] | None = None
        self.is_open = False

    async def begin(self) -> None:
        """Opens it; a database that does not answer is `Unavailable`."""
        if self._outer and not self._reading:
            self._savepoint = await self._outer.savepoint()
        else:
            self._transaction = await (self._reading.begun() if self._reading else _begun_alone())
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
        DB.current_transaction.set(self._reading)
        _callbacks.set(self._callbacks_outside)
        if not self._reading:
            await give_back(self._transaction.connection)


async def _begun(connection: Any) -> Any:
    """A transaction that has begun on that connection."""
    begun: Any = DB.transaction()
    begun.connection, begun.transaction = connection, connection.transaction()
    try:
        await begun.begin()
    except LOST as cause:
        raise does_not_answer(cause) from cause
    DB.current_transaction.set(begun)
    return begun


async def _begun_alone() -> Any:
    """A transaction that has begun, on a connection of its own, which is given back if it cannot begin: whoever gives
    up in that moment must not take a connection along."""
    connection = await free_connection()
    try:
        return await _begun(connection)
    except BaseException:
        await give_back(connection)
        raise


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
    connection = await free_connection()
    try:
        return list(await connection.fetch(sql, *arguments))
    finally:
        await give_back(connection)


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
