"""Houses: each a database and a store of its own, worked on by the very commands that an operator types."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from sdes.attachments.vault import Vault, open_vault
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.settings import Settings
from tests.support.own_database import pool_of_its_own
from tests.support.people import PASSWORD

_SEALED = "SELECT id, blob, size, wrapped_key FROM attachment WHERE wrapped_key IS NOT NULL ORDER BY id"
KEY = bytes(range(32))
_OTHERS = {"DATABASE_URL", "DATABASE_OWNER_URL", "BLOB_URL", "BLOB_ACCOUNT_KEY", "SDES_HOME", "SDES_MASTER_KEY"}


@dataclass(frozen=True)
class House:
    """One house. Its master key lies in its home, and so do its files unless they are in another `store`."""

    home: Path
    owner_url: str
    web_url: str
    store: Path | None = None

    @property
    def blobs(self) -> Path:
        return self.store or self.home / "blobs"

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, database_url=self.web_url, blob_url=f"file://{self.blobs}", port=0)

    @property
    def vault(self) -> Vault:
        return open_vault(self.settings)

    @property
    def environment(self) -> dict[str, str]:
        """What its programs are told."""
        others = {name: value for name, value in os.environ.items() if name not in _OTHERS}
        ours = {"SDES_HOME": str(self.home), "DATABASE_OWNER_URL": self.owner_url, "DATABASE_URL": self.web_url}
        return others | ours | {"BLOB_URL": self.settings.blob_url, "SDES_DEMO_PASSWORD": PASSWORD}

    def begin(self, *command: str | Path, **more: str) -> subprocess.Popen[str]:
        """Starts `sdes COMMAND` in this house; `more` goes into its environment."""
        return subprocess.Popen(
            [sys.executable, "-m", "sdes", *map(str, command)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment | more,
        )

    def sdes(self, *command: str | Path, **more: str) -> str:
        """Carries out `sdes COMMAND`, insists that it does what it is told, and gives what it says."""
        code, said, complaint = self.tried(*command, **more)
        assert code == 0, complaint + said
        return said

    def refused(self, *command: str | Path, **more: str) -> str:
        """Carries out `sdes COMMAND`, insists that it refuses in words, and gives these."""
        code, said, complaint = self.tried(*command, **more)
        assert code == 1, (code, said, complaint)
        assert "Traceback" not in complaint, complaint
        return complaint

    def tried(self, *command: str | Path, **more: str) -> tuple[int, str, str]:
        process = self.begin(*command, **more)
        said, complaint = process.communicate(timeout=300)
        return process.returncode, said, complaint

    def rows(self, sql: str, *arguments: Any) -> list[dict[str, Any]]:
        """Rows of one statement, by the owner's login, committed."""
        with psycopg.connect(self.owner_url, autocommit=True, row_factory=dict_row) as connection:
            cursor = connection.execute(sql, arguments or None)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        names = [
            row["name"] for row in self.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
        ]
        return {name: self.rows(f'SELECT count(*) AS n FROM "{name}"')[0]["n"] for name in names}

    async def contents(self) -> dict[str, bytes]:
        """Of every file, by its name in the store, what the one who downloads it gets."""
        found = {}
        for row in self.rows(_SEALED):
            plain = self.vault.reading(row["id"], row["blob"], row["wrapped_key"], row["size"])
            found[row["blob"]] = b"".join([piece async for piece in plain])
        return found

    def entered(self) -> AbstractAsyncContextManager[None]:
        """This process's pool is the owner's of this house within the block."""
        return pool_of_its_own(self.owner_url)


@contextmanager
def empty_house(database: str, home: Path, postgres: EmbeddedPostgres, key: bytes = KEY) -> Iterator[House]:
    """A house with nothing in it but its master key; its database is dropped afterwards."""
    home.mkdir(mode=0o700)
    (home / "master.key").write_bytes(key)
    (home / "master.key").chmod(0o600)
    with psycopg.connect(postgres.url("sdes_owner", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database} OWNER sdes_owner")  # type: ignore[arg-type]
        try:
            yield House(home, postgres.url("sdes_owner", database), postgres.url("sdes_web", database))
        finally:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)")  # type: ignore[arg-type]
