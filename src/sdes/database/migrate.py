"""Brings a database to the present shape: the queue's tables, migrations, functions, grants and policies."""

import os
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from saq.queue.postgres import PostgresQueue

from sdes.database.policies import WEB_LOGIN, statements
from sdes.kit import db

HERE = Path(__file__).parent


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
        await _run((HERE / "functions.sql").read_text())
        for statement in statements({table._meta.tablename for table in APP_CONFIG.table_classes}):
            await _run(statement)


def newest() -> str:
    """The number of the last migration that there is."""
    return max(file.name[:4] for file in (HERE / "migrations").glob("[0-9]*.py"))


async def make_web_login() -> None:
    """Makes the web's login, which owns nothing, where the server has none. Needs an open transaction."""
    if not await db.fetch("SELECT 1 FROM pg_roles WHERE rolname = $1", WEB_LOGIN):
        await _run(f"CREATE ROLE {WEB_LOGIN} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT")


async def _run(script: str) -> None:
    transaction = db.DB.current_transaction.get()
    assert transaction is not None
    await transaction.connection.execute(script)
