"""One real database for all tests, in which every test's doings, requests included, are rolled back.

The connection is the owner's. What the application does on behalf of a request runs under `SET LOCAL ROLE sdes_web`,
so that row-level security holds in the tests as it does behind the web's own login.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from asyncpg import InFailedSQLTransactionError

from sdes.kit import db

answering: ContextVar[bool] = ContextVar("answering_a_request", default=False)


_maintain = db.maintain


async def maintain(statement: str, *, seconds: float) -> None:
    """As `db.maintain`, without what would wait for the test's own transaction to end: an index is made anew in tests
    with a database of their own."""
    if "CONCURRENTLY" not in statement:
        await _maintain(statement, seconds=seconds)


class UnitOfARequest(db.Unit):
    """A unit of work that, inside a request, acts as the web's login and tells `after_commit` when it is kept."""

    def __init__(self) -> None:
        super().__init__()
        self._is_web = False
        self._outside: Any = None

    async def begin(self) -> None:
        await super().begin()
        if answering.get() and not await _is_web():
            await db.fetch("SELECT set_config('sdes.company_id', '', true)")
            await db.fetch("SET LOCAL ROLE sdes_web")
            self._is_web = True
            self._outside = db._callbacks.get()
            db._callbacks.set(self._waiting)

    async def commit(self) -> None:
        await super().commit()
        if self._is_web:
            await self._leave_role()
            for callback in self._waiting:
                await callback()

    async def rollback(self) -> None:
        await super().rollback()
        if self._is_web:
            await self._leave_role()

    async def _leave_role(self) -> None:
        await db.fetch("RESET ROLE")
        db._callbacks.set(self._outside)


class ReadingOfARequest(db.Reading):
    """Reading that, inside a request, is done as the web's login: each statement as in service, and undone after it, so
    that the next one may write again."""

    def __init__(self) -> None:
        super().__init__()
        self._unit = UnitOfARequest()

    async def begin(self) -> None:
        await super().begin()
        if self._held is None:
            await self._unit.begin()
            self._outside = db.DB.current_transaction.get()
            self._held, self.connection = self._outside.connection, self  # type: ignore[union-attr]
            db.DB.current_transaction.set(self)  # type: ignore[arg-type]

    async def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        if not self._unit.is_open or self._sees is None:
            return await super().fetch(sql, *arguments)
        await self._held.execute("SAVEPOINT reading")
        try:
            return await super().fetch(sql, *arguments)
        finally:
            await self._held.execute("ROLLBACK TO reading; RELEASE reading")

    async def end(self) -> None:
        if not self._unit.is_open:
            await super().end()
        elif self._held is not None:
            self._held = None
            db.DB.current_transaction.set(self._outside)
            try:
                await self._unit.commit()
            except InFailedSQLTransactionError:
                await self._unit.rollback()


@asynccontextmanager
async def rolled_back() -> AsyncIterator[None]:
    """A transaction of the owner's around a test."""
    transaction = await db.DB.transaction().__aenter__()
    db._callbacks.set([])
    try:
        yield
    finally:
        await transaction.rollback()
        db.DB.current_transaction.set(None)
        db._callbacks.set(None)
        assert db.DB.pool
        await db.DB.pool.release(transaction.connection)


@asynccontextmanager
async def as_web(company_id: int | None) -> AsyncIterator[None]:
    """Inside the block, statements run as the web's login for that company (or for nobody)."""
    async with db.transaction():
        await db.fetch("SELECT set_config('sdes.company_id', $1, true)", str(company_id or ""))
        await db.fetch("SET LOCAL ROLE sdes_web")
        try:
            yield
        finally:
            await _reset_role_even_after_an_error()


async def _reset_role_even_after_an_error() -> None:
    try:
        await db.fetch("RESET ROLE")
    except Exception:  # the statement before failed: the roll-back to the savepoint resets the role
        return


async def _is_web() -> bool:
    return bool((await db.fetch("SELECT current_user = 'sdes_web' AS yes"))[0]["yes"])
