"""A database of a test's own, with the web's own login, where requests commit and can run at the same time."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import psycopg
from litestar import Litestar

from sdes.catalogue.load import load_defaults
from sdes.database.migrate import migrate
from sdes.database.world import load_cast
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.kit import db, kept
from sdes.settings import Settings
from tests.support.people import PASSWORD, Browser, session_for

AS_NEW = "sdes_as_new"


@asynccontextmanager
async def pool_of_its_own(url: str, *, size: int = 4) -> AsyncIterator[None]:
    """This process's pool is another one within the block; the run's own waits."""
    before = db.DB.pool, db.DB.config
    db.DB.pool = None
    try:
        await db.open_pool(url, size=size)
        yield
    finally:
        await db.close_pool()
        db.DB.pool, db.DB.config = before


@asynccontextmanager
async def who_commits(
    email: str, database: str, postgres: EmbeddedPostgres, app: Litestar, settings: Settings
) -> AsyncIterator[Browser]:
    """That person of the cast at the new database `database`, which is dropped afterwards. The run's own pool waits."""
    async with they_commit([email], database, postgres, app, settings) as browsers:
        yield browsers[0]


@asynccontextmanager
async def they_commit(
    emails: Sequence[str], database: str, postgres: EmbeddedPostgres, app: Litestar, settings: Settings
) -> AsyncIterator[list[Browser]]:
    """Those people of the cast, as `who_commits`, in the order given."""
    before = db.DB.pool, db.DB.config
    db.DB.pool = None
    kept.forget_everything()
    try:
        await _make_as_new(postgres)
        with psycopg.connect(postgres.url("sdes_owner", "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database} OWNER sdes_owner TEMPLATE {AS_NEW}")
        await db.open_pool(postgres.url("sdes_owner", database), size=2)
        async with db.transaction():
            tokens = [await session_for(email, settings) for email in emails]
        await db.close_pool()
        await db.open_pool(postgres.url("sdes_web", database), size=8)
        yield [Browser(app, settings, token) for token in tokens]
    finally:
        await db.close_pool()
        db.DB.pool, db.DB.config = before
        kept.forget_everything()
        with psycopg.connect(postgres.url("sdes_owner", "postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


async def _make_as_new(postgres: EmbeddedPostgres) -> None:
    """The database with the cast and nothing else that each one is a copy of: made once a run, since to migrate one
    takes longer than most tests."""
    with psycopg.connect(postgres.url("sdes_owner", "postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [AS_NEW]).fetchone():
            return
        connection.execute(f"CREATE DATABASE {AS_NEW}_soon OWNER sdes_owner")
        await db.open_pool(postgres.url("sdes_owner", f"{AS_NEW}_soon"), size=2)
        await migrate(postgres.url("sdes_owner", f"{AS_NEW}_soon"))
        async with db.transaction():
            await load_defaults()
            await load_cast(PASSWORD)
        await db.close_pool()
        connection.execute(f"ALTER DATABASE {AS_NEW}_soon RENAME TO {AS_NEW}")
