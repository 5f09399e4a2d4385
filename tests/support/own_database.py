"""A database of a test's own, with the web's own login, where requests commit and can run at the same time."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import psycopg
from litestar import Litestar

from sdes.catalogue.load import load_defaults
from sdes.database.migrate import migrate
from sdes.database.world import load_cast
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.kit import db
from sdes.settings import Settings
from tests.support.people import PASSWORD, Browser, session_for


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
    with psycopg.connect(postgres.url("sdes_owner", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database} OWNER sdes_owner")
    before = db.DB.pool, db.DB.config
    db.DB.pool = None
    try:
        await db.open_pool(postgres.url("sdes_owner", database), size=2)
        await migrate(postgres.url("sdes_owner", database))
        async with db.transaction():
            await load_defaults()
            await load_cast(PASSWORD)
            tokens = [await session_for(email, settings) for email in emails]
        await db.close_pool()
        await db.open_pool(postgres.url("sdes_web", database), size=8)
        yield [Browser(app, settings, token) for token in tokens]
    finally:
        await db.close_pool()
        db.DB.pool, db.DB.config = before
        with psycopg.connect(postgres.url("sdes_owner", "postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)")
