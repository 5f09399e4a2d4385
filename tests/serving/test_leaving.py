"""Those who have hung up while they waited for the database cost it nothing; everybody else is answered."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from litestar import Litestar

from sdes.accounts.sessions import Visit
from sdes.actor import Actor
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.kit import csrf, db, logs, pool
from sdes.serving.leaving import Awaited
from sdes.settings import Settings
from sdes.status import Watched
from tests.serving.test_connections import LONG, served
from tests.support.communications import count
from tests.support.own_database import they_commit
from tests.support.people import PASSWORD, Browser

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


@pytest.mark.spec("SD 8.1")
@pytest.mark.parametrize("password", [PASSWORD, "not the password at all"])
async def test_a_sign_in_whose_sender_leaves_half_way_goes_on(
    app: Litestar, asha: Browser, settings: Settings, password: str
) -> None:
    async with served(LONG, app=Awaited(app)) as port:
        held = await everything_held()
        _, writer = await posted(port, settings, {"email": ASHA, "password": password})
        await until(lambda: pool.waiting() == 1)
        await db.DB.pool.release(held.pop())  # for the first transaction, which counts the attempt
        while pool.waiting():
            await asyncio.sleep(0)
        held.append(await db.DB.pool.acquire())
        await until(lambda: pool.waiting() == 1)
        writer.close()
        await asyncio.sleep(0.2)
        for connection in held:
            await db.DB.pool.release(connection)
        await until(lambda: pool.waiting() == 0)
        is_right = password == PASSWORD
        event = "accounts.session.started" if is_right else "accounts.sign-in.refused"
        await until_true(lambda: is_audited(asha, event))
        attempts = await db.fetch("SELECT key FROM sign_in_attempt WHERE key LIKE 'account:%'")
    assert len(attempts) == (0 if is_right else 1)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("begins_with", ["a transaction", "a statement"])
async def test_what_has_begun_and_waits_again_goes_on(asha: Browser, method: str, begins_with: str) -> None:
    waits_again, done = asyncio.Event(), []

    async def writes_twice(scope: Any, receive: Any, send: Any) -> None:
        if begins_with == "a transaction":
            async with db.transaction():
                await db.fetch("SELECT 1")
        else:
            await db.fetch("SELECT 1")
        await waits_again.wait()
        await db.fetch("SELECT 2")
        done.append("this")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with served(LONG, app=Awaited(writes_twice)) as port:
        _, writer = await asked(port, method=method)
        await asyncio.sleep(0.2)  # the first is done
        held = await everything_held()
        waits_again.set()
        await until(lambda: pool.waiting() == 1)
        writer.close()
        await asyncio.sleep(0.2)
        assert pool.waiting() == 1
        for connection in held:
            await db.DB.pool.release(connection)
        await until(lambda: bool(done))


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_has_not_begun_is_dropped(asha: Browser, method: str) -> None:
    done: list[str] = []

    async def writes(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["visit"] = Visit(Actor(company_id=1, person_id=1))  # whoever it is
        await db.fetch("SELECT 1")
        done.append("this")

    async with served(LONG, app=Awaited(writes)) as port:
        held = await everything_held()
        _, writer = await asked(port, method=method)
        await until(lambda: pool.waiting() == 1)
        writer.close()
        await until(lambda: pool.waiting() == 0)
        for connection in held:
            await db.DB.pool.release(connection)
        await asyncio.sleep(0.1)
    assert not done


@pytest.mark.parametrize(("goes_on", "status"), [(False, 499), (True, 204)])
async def test_the_log_says_that_nothing_was_done_only_where_that_is_so(
    asha: Browser, monkeypatch: pytest.MonkeyPatch, goes_on: bool, status: int
) -> None:
    """What is asked to end in the moment in which it was given a connection may go on all the same."""
    told: list[Any] = []
    monkeypatch.setattr(logs, "access", told.append)

    async def waits(scope: Any, receive: Any, send: Any) -> None:
        scope["path_template"] = "/here"
        try:
            await db.fetch("SELECT 1")
        except asyncio.CancelledError:
            if not goes_on:
                raise
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with served(LONG, app=Awaited(Watched(waits))) as port:
        held = await everything_held()
        _, writer = await asked(port)
        await until(lambda: pool.waiting() == 1)
        writer.close()
        await until(lambda: bool(told))
        for connection in held:
            await db.DB.pool.release(connection)
    assert [line["status"] for line in told] == [status]


async def everything_held() -> list[Any]:
    """All connections to the database."""
    return [await db.DB.pool.acquire() for _ in range(db.DB.pool.get_max_size())]


async def asked(port: int, token: str = "", method: str = "GET") -> Asked:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    words = f"Host: sdes.example\r\nCookie: sdes={token}\r\n"
    writer.write(f"{method} /sdep/communications HTTP/1.1\r\n{words}\r\n".encode())
    return reader, writer


async def posted(port: int, settings: Settings, fields: dict[str, str]) -> Asked:
    """The form of the sign-in page, sent as by a browser."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = urlencode({"csrf_token": csrf.token_for("a-form-cookie."), "next": "/", **fields})
    words = f"Host: sdes.example\r\nCookie: {settings.form_cookie}=a-form-cookie\r\nContent-Length: {len(body)}\r\n"
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    writer.write(f"POST /sign-in HTTP/1.1\r\n{words}{kind}\r\n{body}".encode())
    return reader, writer


async def is_audited(asha: Browser, event: str) -> bool:
    """Whether the log of Asha's company has that event once."""
    async with db.transaction():
        await asha.actor()
        return await count("audit_entry", f"event = '{event}'") == 1


async def until_true(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(LONG):
        while not await condition():
            await asyncio.sleep(0.01)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG):
        while not condition():
            await asyncio.sleep(0.01)
