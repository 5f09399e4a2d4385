"""pgbouncer in transaction mode before the database, with the very settings that docs/running.md gives."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from sdes.embedded.child import Child
from sdes.embedded.unprivileged import account, run_as
from sdes.settings import HOME_OF_THE_PROJECT
from tests.browser.sites import free_port, until

PAGE = HOME_OF_THE_PROJECT / "docs" / "running.md"


class Pooler:
    """pgbouncer in `folder` before the database at `url`, which the web's login asks."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.port = folder, free_port()
        self._behind = conninfo_to_dict(url)
        self.url = f"postgresql://sdes_web@127.0.0.1:{self.port}/{self._behind['dbname']}"
        self._child: Child | None = None

    def start(self) -> None:
        settings = given() | {"listen_addr": "127.0.0.1", "listen_port": str(self.port), "auth_type": "any"}
        settings |= {"unix_socket_dir": ""}
        behind = " ".join(f"{name}={self._behind[name]}" for name in ("host", "port", "dbname", "user"))
        lines = [f"{name} = {value}" for name, value in settings.items()]
        text = "\n".join(["[databases]", f"{self._behind['dbname']} = {behind}", "[pgbouncer]", *lines])
        (self.folder / "pgbouncer.ini").write_text(f"{text}\n")
        ini = str(self.folder / "pgbouncer.ini")
        reaches = run_as(account(), ["sh", "-c", 'ls "$1" && cat "$2"', "sh", str(self._behind["host"]), ini])
        child = self._child = Child("pgbouncer", [*reaches, _binary(), ini], self.folder / "pgbouncer.log", {})
        child.start()
        until(lambda: self._answers() or not child.is_running(), "pgbouncer answers")
        assert child.is_running(), child.last_words()

    def stop(self) -> None:
        if self._child:
            self._child.stop()

    def pools(self) -> list[dict[str, Any]]:
        """What it says of its connections, one line for each login."""
        with psycopg.connect(self._console(), autocommit=True, row_factory=dict_row) as connection:
            return connection.execute("SHOW POOLS").fetchall()

    def _console(self) -> str:
        return f"postgresql://sdes_web@127.0.0.1:{self.port}/pgbouncer"

    def _answers(self) -> bool:
        try:
            return bool(self.pools())
        except psycopg.OperationalError:
            return False


def given() -> dict[str, str]:
    """The settings of pgbouncer that the page gives."""
    (block,) = re.findall(r"```ini\n\[pgbouncer\]\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in block.splitlines())}


def _binary() -> str:
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert found, "the tests need pgbouncer: sh .ci/setup tests"
    return found
