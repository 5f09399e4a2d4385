"""Those who have hung up while they waited for the database cost it nothing; everybody else is answered."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from litestar import Litestar

from sdes.accounts.sessions import Visit
from sdes.actor import Actor
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.kit import db, pool
from sdes.serving.leaving import Awaited
from sdes.settings import Settings
from tests.serving.test_connections import LONG, served
from tests.support.own_database import they_commit
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

ASHA = "asha@brightwatt.example"
MANY = 50

Asked = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def asha(postgres: EmbeddedPostgres, pool: None, app: Litestar, settings: Settings) -> AsyncIterator[Browser]:
    async with they_commit([ASHA], "sdes_leaving", postgres, app, settings) as (asha,):
        try:
            yield asha
        finally:
            db.DB.pool.terminate()  # whatever a test that has failed still holds


@pytest.mark.spec("SD 6.2")
async def test_whoever_hangs_up_while_they_wait_is_dropped(
    app: Litestar, asha: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    statements: list[str] = []
    async with served(LONG, app=Awaited(app)) as port:
        held = await everything_held()
        gone = [await asked(port, asha.token) for _ in range(MANY)]
        reader, writer = await asked(port, asha.token)
        await until(lambda: pool.waiting() == MANY + 1)
        for _, one in gone:
            one.close()
        await until(lambda: pool.waiting() == 1)
        with caplog.at_level(logging.ERROR):
            for connection in held:
                connection.add_query_logger(lambda made: statements.append(made.query))
                await db.DB.pool.release(connection)
            assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), LONG)).startswith(b"HTTP/1.1 200")
        writer.close()
        await asyncio.sleep(0.1)  # until the other side has heard it
    assert 0 < len(statements) < MANY / 2
    assert not caplog.records, "it is no fault"


@pytest.mark.parametrize("sleeps_in", ["a transaction", "no transaction"])
async def test_what_has_begun_goes_on(asha: Browser, sleeps_in: str) -> None:
    done: list[str] = []

    async def writes(scope: Any, receive: Any, send: Any) -> None:
        if sleeps_in == "a transaction":
            async with db.transaction():
                await db.fetch("SELECT pg_sleep(0.5)")
        else:
            await db.fetch("SELECT pg_sleep(0.5)")
        done.append("whole")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with served(LONG, app=Awaited(writes)) as port:
        _, writer = await asked(port)
        await asyncio.sleep(0.2)  # the statement runs
        writer.close()
        await until(lambda: bool(done))


@pytest.mark.parametrize(("method", "goes_on"), [("POST", True), ("GET", False)])
async def test_what_has_begun_and_waits_again_goes_on_if_it_writes(asha: Browser, method: str, goes_on: bool) -> None:
    done: list[str] = []

    async def writes_twice(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["visit"] = Visit(Actor(company_id=1, person_id=1))
        await db.fetch("SELECT 1")
        done.append("this")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with served(LONG, app=Awaited(writes_twice)) as port:
        held = await everything_held()
        _, writer = await asked(port, method=method)
        await until(lambda: pool.waiting() == 1)
        writer.close()
        await asyncio.sleep(0.2)
        assert pool.waiting() == goes_on
        for connection in held:
            await db.DB.pool.release(connection)
        await until(lambda: pool.waiting() == 0)
        await asyncio.sleep(0.1)
    assert bool(done) == goes_on


async def everything_held() -> list[Any]:
    """All connections to the database."""
    return [await db.DB.pool.acquire() for _ in range(db.DB.pool.get_max_size())]


async def asked(port: int, token: str = "", method: str = "GET") -> Asked:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    words = f"Host: sdes.example\r\nCookie: sdes={token}\r\n"
    writer.write(f"{method} /sdep/communications HTTP/1.1\r\n{words}\r\n".encode())
    return reader, writer


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG):
        while not condition():
            await asyncio.sleep(0.01)
