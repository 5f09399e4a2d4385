"""The house in which parts are broken on purpose: every part a process of its own, and what ends by itself is started
again by the same watch as under `make run`."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from sdes.attachments.vault import Vault, open_vault
from sdes.embedded import watch
from sdes.embedded.clamd import EmbeddedClamd
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.embedded.supervisor import web_command
from sdes.kit.queue import queue_at
from sdes.settings import Settings
from tests.browser.sites import Site, answers
from tests.support.mail_server import PASSWORD, USER, MailServer

BRIGHTWATT, NORTHGRID = "asha@brightwatt.example", "nils@northgrid.example"
PROVIDER = "piet@provider.example"
ROOM_AT_HOME, ROOM_OF_DATABASE, ROOM_OF_FILES, ROOM_OF_TEMPORARY_FILES = 200, 600, 96, 40  # MB
_PART = re.compile(r"<h2>(.*?)</h2>(.*?)</li>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


class House(Site):
    """A site with its own PostgreSQL, scanner and mail server, all of which may be broken. Call `until` to wait: only
    meanwhile what has ended is started again."""

    def __init__(
        self, home: Path, postgres: EmbeddedPostgres, clamd: EmbeddedClamd, mail: MailServer, name: str = "sdes"
    ) -> None:
        home.mkdir(exist_ok=True)
        super().__init__(home, postgres, clamd.socket, name)
        self.postgres, self.clamd, self.mail = postgres, clamd, mail
        self.blobs = home / "store" / "blobs"
        self.temporary = home / "temporary"
        self.temporary.mkdir(exist_ok=True)
        authorities = home / "authorities.pem"
        mail.ca.cert_pem.write_to_path(authorities)
        self._environment |= {
            "CLAMD_DATABASE": str(clamd.database),
            "SMTP_URL": f"smtp://{USER}:{PASSWORD.replace(' ', '%20')}@localhost:{mail.port}",
            "SMTP_CERTIFICATES": str(authorities),
            "TMPDIR": str(self.temporary),
        }
        self.said: list[str] = []
        self.keep_files_at(f"file://{self.blobs}")
        self._watch = watch.Watch(
            self.said.append, steady=0.0
        )  # parts end here often: the wait before the next start need not grow

    def keep_files_at(self, url: str, key: str = "") -> None:
        """Where the programs that are started from now on keep files."""
        self._store = {"blob_url": url, "blob_account_key": key or None}
        self._environment |= {"BLOB_URL": url, "BLOB_ACCOUNT_KEY": key}
        self.web = self.program("web", web_command(self.port))
        self.worker = self.program("worker", [sys.executable, "-m", "sdes", "worker"])

    @contextmanager
    def begun_anew(self, **environment: str) -> Iterator[None]:
        """Inside the block web application and worker run in this environment besides."""
        programs = self.web, self.worker
        before = [program._environment for program in programs]
        try:
            for program in programs:
                program._environment = {**program._environment, **environment}
                self.kill(program.pid)
            self.goes_on()
            yield
        finally:
            for program, own in zip(programs, before, strict=True):
                program._environment = own
                self.kill(program.pid)
            self.goes_on()

    def vault(self) -> Vault:
        """The store of files and the key to it, as the programs use them."""
        return open_vault(Settings(home=self.home, **self._store))

    def open(self) -> None:
        """Starts everything, PostgreSQL first, in the demo world."""
        self._watch.begin("PostgreSQL", self.postgres, self.postgres.start)
        self.clamd.start()
        self.mail.start()
        self.begin()

    def begin(self) -> None:
        """Starts our own programs, in the demo world."""
        self.prepare()
        self._watch.begin("The worker", self.worker, self.worker.start)
        self._watch.begin("The web application", self.web, self.web.start)
        self.until(lambda: answers(self.address), "the web application answers")

    def close(self) -> None:
        """Stops what `open` or `begin` has started."""
        self._watch.stop()

    def close_all(self) -> None:
        self.close()
        self.clamd.stop()
        self.mail.stop()

    def until(self, condition: Callable[[], Any], what: str, seconds: float = 60.0) -> None:
        """Waits until `condition()` is true, while parts that have ended are started again; fails with `what`."""
        give_up = time.monotonic() + seconds
        while not self._is(condition):
            assert time.monotonic() < give_up, f"waited in vain until {what}\n" + "\n".join(self.said[-20:])
            time.sleep(0.02)

    def _is(self, condition: Callable[[], Any]) -> bool:
        self._watch.look()
        try:
            return bool(condition())
        except (psycopg.OperationalError, httpx.HTTPError, OSError):
            return False  # what is asked may be what is broken

    def kill(self, pid: int | None) -> None:
        """kill -9, and waits until it is gone."""
        assert pid
        os.kill(pid, signal.SIGKILL)
        give_up = time.monotonic() + 10
        while Path(f"/proc/{pid}/status").exists() and "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text():
            assert time.monotonic() < give_up
            time.sleep(0.01)

    def goes_on(self) -> None:
        """Waits until pages are served and the worker works."""
        self.until(lambda: answers(self.address) and self.page("/status").status_code == 200, "pages are served")
        probe = f"probe-{time.monotonic_ns()}"
        self.until(lambda: self.ask_worker("mail_sweep", probe), "the queue takes a job")
        self.until(lambda: self._is_done(probe), "the worker does a job")

    def ask_worker(self, job: str, key: str) -> bool:
        """Puts a job of the timetable into the worker's queue, as a nudge does."""

        async def ask() -> None:
            nudges = queue_at(self.owner_url)
            await nudges.connect()
            try:
                await nudges.enqueue(job, key=key)
            finally:
                await nudges.disconnect()

        asyncio.run(ask())
        return True

    def _is_done(self, key: str) -> bool:
        return not self.rows("SELECT 1 FROM saq_jobs WHERE key = %s AND status IN ('queued', 'active')", key)

    def page(self, path: str, email: str = BRIGHTWATT) -> httpx.Response:
        with self.client(email) as client:
            return client.get(path)

    def status(self, part: str, email: str = BRIGHTWATT) -> str:
        """What the status page says of a part, its detail and its word, as plain text; nothing of one it leaves out."""
        said = {
            _TAG.sub(" ", name).strip(): " ".join(_TAG.sub(" ", rest).split())
            for name, rest in _PART.findall(self.page("/status", email).text)
        }
        return said.get(part, "")

    def count(self, sql: str, *arguments: Any) -> int:
        """The one number that a statement gives."""
        (row,) = self.rows(sql, *arguments)
        return int(next(iter(row.values())))

    @contextmanager
    def holding(self, lock: str) -> Iterator[psycopg.Connection[Any]]:
        """Inside the block nobody gets past the lock that `lock` takes."""
        with psycopg.connect(self.owner_url) as connection:
            connection.execute(lock)
            yield connection
            with suppress(psycopg.Error):
                connection.rollback()

    def is_waiting(self, word: str = "") -> bool:
        """Whether a statement that has `word` in it waits for a lock."""
        return bool(
            self.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND strpos(query, %s) > 0", word)
        )


@contextmanager
def house(home: Path) -> Iterator[House]:
    """A house in the empty folder `home`, whose disks are small where we may mount such."""
    with ExitStack() as stack:
        stack.enter_context(small_disk(home, ROOM_AT_HOME))
        for name, size in (
            ("postgres", ROOM_OF_DATABASE),
            ("store", ROOM_OF_FILES),
            ("temporary", ROOM_OF_TEMPORARY_FILES),
        ):
            stack.enter_context(small_disk(home / name, size))
        mail = MailServer(home)
        mail.start()
        mail.stop()  # it has its port now
        postgres, clamd = EmbeddedPostgres(home), EmbeddedClamd(home, official=Path("/nowhere"))
        made = House(home, postgres, clamd, mail)
        try:
            made.open()
            yield made
        finally:
            made.close_all()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """Mounts a disk of that size in memory at `folder` where we may; elsewhere it is a plain folder."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
    is_mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Inside the block the disk at `folder` has no byte left. Skips the test where it is not a disk of its own."""
    if not folder.is_mount():
        pytest.skip(f"no small disk could be mounted at {folder} (only root may, and not in every container)")
    filler = folder / "filler"
    try:
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1 << 20))
        with filler.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        yield
    finally:
        filler.unlink()
