"""A whole SDES as `make run` starts it: web application and worker as processes of their own, at a free port."""

import os
import re
import socket
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.rows import dict_row

from sdes.accounts.sessions import new_token, token_hash
from sdes.embedded.child import Child
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.embedded.supervisor import web_command
from sdes.kit import csrf

PASSWORD = "four lively words together"
PROCESS = "PT0131"  # Electricity Disconnection, Escalation: a supplier may send it to a distributor
MPAN = "1090000000010"


class Site:
    """One SDES in the database `name` of a running PostgreSQL; its other data and its logs lie in `home`."""

    def __init__(self, home: Path, postgres: EmbeddedPostgres, clamd_socket: Path, name: str = "sdes") -> None:
        self.home = home
        self.owner_url = postgres.url("sdes_owner", name)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.blobs = home / "blobs"
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("SDES_", "BLOB_"))},
            "PYTHONPATH": os.pathsep.join(["src", "."]),
            "PYTHONUNBUFFERED": "1",
            "SDES_HOME": str(home),
            "SDES_PUBLIC_URL": self.address,
            "SDES_DEMO": "1",
            "SDES_DEMO_PASSWORD": PASSWORD,
            "DATABASE_OWNER_URL": self.owner_url,
            "DATABASE_URL": postgres.url("sdes_web", name),
            "CLAMD_SOCKET": str(clamd_socket),
        }
        self.web = self.program("web", web_command(self.port))
        self.worker = self.program("worker", [sys.executable, "-m", "sdes", "worker"])

    def program(self, name: str, command: list[str], **environment: str) -> Child:
        """A program of this site's that can be started; it ends with the tests, however they end."""
        return Child(name, command, self.home / "log" / f"{name}.log", {**self._environment, **environment})

    def prepare(self) -> None:
        """Migrates the database and loads the demo world."""
        for command in (["migrate"], ["seed", "--demo"]):
            child = self.program("set-up", [sys.executable, "-m", "sdes", *command])
            child.start()
            until(lambda child=child: not child.is_running(), "set-up ends")
            assert child.exit_code == 0, child.last_words()

    def start(self) -> None:
        """Starts web application and worker and waits until the first answers."""
        self.worker.start()
        self.start_web()

    def start_web(self) -> None:
        self.web.start()
        until(lambda: answers(self.address) or not self.web.is_running(), "the web application answers")
        assert self.web.is_running(), self.web.last_words()

    def stop(self) -> None:
        self.web.stop()
        self.worker.stop()

    def rows(self, sql: str, *arguments: Any) -> list[dict[str, Any]]:
        """Rows as the owner of the database sees them; what the statement changes is kept."""
        with psycopg.connect(self.owner_url, row_factory=dict_row) as connection:
            cursor = connection.execute(sql, arguments)
            return cursor.fetchall() if cursor.description else []

    def session(self, email: str) -> str:
        """A session of that person's, as if they had just signed in; gives its token."""
        token, now = new_token(), datetime.now(UTC)
        self.rows(
            "INSERT INTO session (company, person, token_hash, created_at, last_seen_at, expires_at, address, browser)"
            " SELECT company, id, %s, %s, %s, %s, '127.0.0.1', 'a test' FROM person WHERE email_key = %s",
            token_hash(token), now, now, now + timedelta(hours=12), email,
        )  # fmt: skip
        return token

    def form_token(self, email: str) -> str:
        """The token that the forms of that person's client carry."""
        person = self.rows("SELECT id FROM person WHERE email_key = %s", email)[0]["id"]
        return csrf.token_for(f"a-form-cookie.{person}")

    def client(self, email: str) -> httpx.Client:
        """A plain HTTP client in which that person is signed in, with a form cookie."""
        cookies = {"sdes": self.session(email), "sdes-form": "a-form-cookie"}
        return httpx.Client(base_url=self.address, cookies=cookies, timeout=30)

    def send(self, email: str, subject: str, files: dict[str, bytes] | None = None) -> str:
        """Sends a communication from Brightwatt to Northgrid as that person; gives its reference."""
        ids = {row["mpid"]: row["id"] for row in self.rows("SELECT id, mpid FROM market_participant")}
        process = self.rows("SELECT id FROM process_type WHERE code = %s", PROCESS)[0]["id"]
        form = {
            "csrf_token": self.form_token(email),
            "sender": str(ids["BRWT"]),
            "process": str(process),
            "recipient": str(ids["NORG"]),
            "mpan": MPAN,
            "subject": subject,
            "text": "Please see the files.",
        }
        with self.client(email) as client:
            sent = [("files", (name, content)) for name, content in (files or {}).items()]
            answer = client.post("/sdep/communications", data=form, files=sent)
        found = re.search(r"/(SC\d{8})", answer.headers.get("Location", ""))
        assert found, answer.text
        return found[1]

    def states(self, reference: str) -> list[str]:
        """The states of the files of a communication, in their order."""
        rows = self.rows(
            "SELECT a.state FROM attachment a JOIN message_attachment m ON m.attachment = a.id"
            " JOIN communication c ON c.id = m.communication WHERE c.reference = %s ORDER BY m.id",
            reference,
        )
        return [row["state"] for row in rows]


def until(condition: Any, what: str, seconds: float = 90.0) -> None:
    """Waits until `condition()` is true; fails with `what` when it does not become so."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"waited in vain until {what}"
        time.sleep(0.05)


def answers(address: str) -> bool:
    """Whether a web server answers there, with whatever."""
    try:
        httpx.get(f"{address}/sign-in", timeout=2)
    except httpx.HTTPError:
        return False
    return True


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
