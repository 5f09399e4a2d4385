"""The web's pool must be bound by row-level security, or nothing is served."""

import asyncio
from typing import Any

import asyncpg
import pytest
from piccolo.engine.postgres import PostgresTransaction

from sdes.app import create_app
from sdes.embedded.postgres import Urls
from sdes.kit import db as database
from sdes.kit import pool as connections
from sdes.kit.errors import Unavailable
from sdes.settings import Settings
from tests.support.own_database import pool_of_its_own
from tests.support.people import Browser
from tests.support.world import as_web

pytestmark = pytest.mark.anyio


async def test_the_web_s_login_may_serve(db: None) -> None:
    async with as_web(None):
        await database.refuse_powerful_login()


@pytest.mark.parametrize(
    "power",
    [
        "ALTER ROLE sdes_web SUPERUSER",
        "ALTER ROLE sdes_web BYPASSRLS",
        "ALTER TABLE reading OWNER TO sdes_web",
        "GRANT sdes_owner TO sdes_web",
    ],
)
async def test_a_login_that_sees_everything_is_refused(power: str, db: None) -> None:
    await database.fetch(power)
    with pytest.raises(RuntimeError, match="DATABASE_URL"):
        async with as_web(None):
            await database.refuse_powerful_login()


async def test_the_application_does_not_start_with_the_owner_s_login(
    settings: Settings, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def already_open(*_: Any, **__: Any) -> None: ...

    for deed in ("open_pool", "close_pool"):  # the tests' own pool stands for it, which is the owner's
        monkeypatch.setattr(database, deed, already_open)
    with pytest.RaisesGroup(pytest.RaisesExc(RuntimeError, match="owns tables")):
        async with create_app(settings).lifespan():
            pytest.fail("it serves")


async def test_who_comes_while_too_many_wait_is_told_so_at_once(
    nobody: Browser, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_waiting", {object() for _ in range(connections.MOST_WAITING)})
    answer = await nobody.get("/sign-in")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "The service is very busy" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert (await nobody.get("/api/v1/communications")).json()["status"] == 503
    assert (await nobody.get("/health/live")).status_code == 200
    connections._waiting.pop()
    assert (await nobody.get("/sign-in")).status_code == 200


async def test_whoever_gives_up_while_a_transaction_begins_takes_no_connection_along(
    pool: None, urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def for_ever(_: object) -> None:
        await asyncio.sleep(60)

    async with pool_of_its_own(urls.owner_url, size=1):
        with monkeypatch.context() as slow:
            slow.setattr(PostgresTransaction, "begin", for_ever)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await database.Unit().begin()
        assert database.DB.pool
        async with asyncio.timeout(10), database.transaction():
            assert await database.fetch("SELECT 1 AS one")


async def test_a_pool_without_a_free_connection_is_told(
    pool: None, urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pool_of_its_own(urls.owner_url, size=1), database.transaction():
        monkeypatch.setattr(connections, "PATIENCE", 0.05)
        unit = database.Unit()
        unit._outer = None
        with pytest.raises(Unavailable, match="very busy"):
            await unit.begin()


class _Lost:
    """A pool, a connection and a transaction whose database is away."""

    connection = None

    async def acquire(self, **_: Any) -> None:
        raise asyncpg.InterfaceError("words of somebody")

    async def rollback(self) -> None:
        raise asyncpg.InterfaceError("words of somebody")

    async def release(self, _: Any) -> None: ...


async def test_of_a_lost_connection_the_log_tells_the_kind_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database.DB, "pool", _Lost())
    with pytest.raises(Unavailable, match="The database does not answer"):
        await database.fetch("SELECT 1")
    unit = database.Unit()
    unit._transaction = _Lost()
    await unit.rollback()
    assert [record.getMessage() for record in caplog.records] == [
        "the database does not answer: InterfaceError",
        "rolling back on a lost connection: InterfaceError",
    ]
