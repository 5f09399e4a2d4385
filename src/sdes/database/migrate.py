"""Brings a database to the present shape: the queue's tables, migrations, functions, grants and policies."""

import asyncio
import os
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import asyncpg
from saq.queue.postgres import PostgresQueue

from sdes.database.grants import scripts
from sdes.database.policies import WEB_LOGIN
from sdes.kit import db

HERE = Path(__file__).parent

# Shorter than PostgreSQL takes to look for a deadlock (1 s): it is we who give way, and no request fails.
_GIVE_WAY = "SET LOCAL lock_timeout = '400ms'"
_PAUSE = 0.2  # seconds
_MOST_TRIES = 150


async def migrate(owner_url: str) -> None:
    """Migrates the database at `owner_url`, the owner's login. The process's pool must be open with the same login."""
    from piccolo.apps.migrations.commands.forwards import run_forwards

    from sdes.database.piccolo_app import APP_CONFIG

    os.environ.setdefault("PICCOLO_CONF", "sdes.database.piccolo_conf")
    queue = PostgresQueue(url=owner_url, min_size=1, max_size=1)
    await queue.connect()
    await queue.disconnect()
    said = StringIO()
    with redirect_stdout(said):
        result = await run_forwards(app_name="sdes")
    if not result.success:
        raise SystemExit(f"The migration failed: {result.message}\n{said.getvalue()}")
    async with db.transaction():
        await make_web_login()
    await _run_beside_others((HERE / "functions.sql").read_text())
    for script in scripts({table._meta.tablename for table in APP_CONFIG.table_classes}):
        await _run_beside_others(script)


def newest() -> str:
    """The number of the last migration that there is."""
    return max(file.name[:4] for file in (HERE / "migrations").glob("[0-9]*.py"))


async def make_web_login() -> None:
    """Makes the web's login, which owns nothing, where the server has none. Needs an open transaction."""
    if not await db.fetch("SELECT 1 FROM pg_roles WHERE rolname = $1", WEB_LOGIN):
        await _run(f"CREATE ROLE {WEB_LOGIN} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT")


async def _run_beside_others(script: str) -> None:
    """Carries out `script` whole, in a transaction of its own, while people work: they wait for it for less than a
    second. Where it has to wait longer for them, it gives way, and begins again."""
    for _ in range(_MOST_TRIES):
        try:
            async with db.transaction():
                await _run(_GIVE_WAY)
                await _run(script)
            return
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            await asyncio.sleep(_PAUSE)
    raise SystemExit("The migration found no moment in which nobody used its tables. Nothing is lost: run it again.")


async def _run(script: str) -> None:
    transaction = db.DB.current_transaction.get()
    assert transaction is not None
    await transaction.connection.execute(script)
