"""`sdes run`: starts every part on this machine in order, watches over them, and stops them when asked."""

import errno
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from sdes.embedded.child import Child
from sdes.embedded.clamd import EmbeddedClamd
from sdes.embedded.demo_password import record
from sdes.embedded.left_behind import leave_address
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.embedded.refusal import CannotStart
from sdes.embedded.watch import Answer, Part, Watch
from sdes.settings import Settings

_LOOK_SECONDS = 0.2
_WEB_SECONDS = 60.0


class StopAsked(Exception):
    """Ctrl-C or a request to end arrived during the start."""


class Supervisor:
    """One run of everything on this machine, as `settings` say; `say` tells the person at the terminal."""

    def __init__(self, settings: Settings, say: Callable[[str], None] | None = None) -> None:
        self.settings = settings
        self._say = say or _print
        self._watch = Watch(self._say)
        self._asked_to_stop = False
        self._may_interrupt = False
        self._environment: dict[str, str] = {}

    def run(self) -> int:
        """Runs until Ctrl-C, SIGTERM or the terminal's end; gives the exit code. Call it in the main thread."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._on_signal)
        code = 0
        try:
            self._start()
            while not self._asked_to_stop:
                self._watch.look()
                time.sleep(_LOOK_SECONDS)
        except StopAsked:
            pass
        except CannotStart as refusal:
            self._say(f"\nSDES cannot start. {refusal}")
            code = 1
        finally:
            self._stop()
        return code

    def _stop(self) -> None:
        if self._watch:
            self._say("\nStopping SDES ...")
            self._watch.stop()
            self._say("SDES has stopped. Its data is kept.")

    def _on_signal(self, *_: object) -> None:
        self._asked_to_stop = True  # and no more, as a rule: what is under way ends first
        if self._may_interrupt:
            self._may_interrupt = False
            raise StopAsked

    def _start(self) -> None:
        home, port = self.settings.home, self.settings.port
        self._say(f"Starting SDES. Its data and its logs are in {home}.")
        _refuse_others(self.settings.host)
        _refuse_taken(port)
        home.mkdir(parents=True, exist_ok=True)
        leave_address(self.settings)
        self._environment = {
            "SDES_LOG": "text",  # read by people, as a rule
            **os.environ,
            "SDES_HOME": str(home),
            "SDES_DEMO": "1",
            "PORT": str(port),
            "PYTHONUNBUFFERED": "1",
        }
        self._start_database()
        self._start_scanner()
        self._prepare_database()
        self._wait_for(self._start_programs())
        address = f"https://localhost:{port}" if self.settings.tls_cert else f"http://127.0.0.1:{port}"
        self._say(f"\nSDES is ready: {address}\n")
        cast = subprocess.run(_ours("cast"), capture_output=True, text=True, env=self._environment, check=False)
        self._say(cast.stdout if cast.returncode == 0 else f"The sign-ins could not be read: {cast.stderr}")
        if not self.settings.smtp_url:
            self._say(f"Mails of the demo: {address}/demo/mail")
        self._say("Stop it with Ctrl-C.")

    def _start_database(self) -> None:
        if self.settings.database_url:
            if not self.settings.database_owner_url:
                raise CannotStart(
                    "DATABASE_URL is set, but DATABASE_OWNER_URL is not. Set it to the same database with the owner's "
                    "login, which migrates it, or unset DATABASE_URL to use the PostgreSQL that comes with SDES."
                )
            self._say("  database: the one of DATABASE_URL")
            return
        postgres = EmbeddedPostgres(self.settings.home)
        urls = self._begin("The database", postgres, postgres.start)
        self._environment |= {"DATABASE_URL": urls.web_url, "DATABASE_OWNER_URL": urls.owner_url}
        self._say("  database: our own PostgreSQL runs")

    def _start_scanner(self) -> None:
        if self.settings.clamd_socket:
            self._say(f"  virus scanner: the one at {self.settings.clamd_socket}")
            return
        clamd = EmbeddedClamd(self.settings.home, self.settings.clamd_database)
        self._may_interrupt = True  # the official database takes clamd up to a minute
        try:
            signatures = self._begin("The virus scanner", clamd, clamd.start)
        except CannotStart as refusal:
            self._say(f"  virus scanner: NONE, so every attachment stays pending. {refusal}")
            return
        finally:
            self._may_interrupt = False
        self._environment |= {"CLAMD_SOCKET": str(clamd.socket), "CLAMD_DATABASE": str(clamd.database)}
        self._say(f"  virus scanner: our own clamd runs; signatures: {signatures.description}")

    def _prepare_database(self) -> None:
        wished = self.settings.demo_password
        password = record(self.settings.home, wished)
        if wished and wished != password:
            self._say("  SDES_DEMO_PASSWORD counts at the first start only. The demo people keep the password below.")
        self._environment["SDES_DEMO_PASSWORD"] = password
        self._carry_out("migrate")
        self._carry_out("seed", "--demo", "--if-empty")
        self._say("  data: in its present shape")

    def _start_programs(self) -> Child:
        worker = self._child("worker", _ours("worker"))
        web = self._child("web", web_command(self.settings.port))
        self._begin("The worker", worker, worker.start)
        self._begin("The web application", web, web.start)
        return web

    def _child(self, name: str, command: list[str]) -> Child:
        return Child(name, command, self.settings.home / "log" / f"{name}.log", self._environment)

    def _begin(self, name: str, part: Part, start: Callable[[], Answer]) -> Answer:
        answer = self._watch.begin(name, part, start)
        self._give_way()
        return answer

    def _carry_out(self, *command: str) -> None:
        """Runs one of our commands to its end."""
        child = self._child("set-up", _ours(*command))
        child.start()
        try:
            while child.is_running():
                self._give_way()
                time.sleep(0.05)
            if child.exit_code:
                raise CannotStart(f"`sdes {' '.join(command)}` failed. Its last words:\n{child.last_words()}")
        finally:
            child.stop()

    def _wait_for(self, web: Child) -> None:
        give_up = time.monotonic() + _WEB_SECONDS
        while web.is_running() and time.monotonic() < give_up:
            self._give_way()
            if _answers(self.settings):
                return
            time.sleep(0.1)
        raise CannotStart(f"The web application does not start. Its last words:\n{web.last_words()}")

    def _give_way(self) -> None:
        if self._asked_to_stop:
            raise StopAsked


def web_command(port: int, factory: str = "sdes.app:create_app", *options: str) -> list[str]:
    """The command that serves the application which `factory` makes at `port`; `options` are others of `sdes web`."""
    return _ours("web", "--port", str(port), "--factory", factory, *options)


def _ours(*command: str) -> list[str]:
    return [sys.executable, "-m", "sdes", *command]


def _refuse_others(host: str) -> None:
    if host != "127.0.0.1":
        raise CannotStart(
            f"It shows everybody's mails and is for this machine alone, not for {host}. Unset SDES_HOST, or serve "
            "others with `sdes migrate`, `sdes web` and `sdes worker`."
        )


def _refuse_taken(port: int) -> None:
    another = f"Choose another one, for example: PORT={port + 1 if port < 65535 else 8000} make run"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OverflowError:
            raise CannotStart(f"PORT must be between 1 and 65535, not {port}.") from None
        except OSError as failure:
            if failure.errno == errno.EADDRINUSE:
                why = f"Port {port} is in use by another program; perhaps SDES runs already."
            else:
                why = f"Port {port} may not be used here ({failure.strerror})."
            raise CannotStart(f"{why} {another}") from None


def _answers(settings: Settings) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=5)
    if settings.tls_cert:
        anybody = ssl._create_unverified_context()  # the certificate names the site, not this machine
        connection = http.client.HTTPSConnection("127.0.0.1", settings.port, timeout=5, context=anybody)
    try:
        connection.request("GET", "/sign-in")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _print(text: str) -> None:
    with suppress(OSError):  # the terminal may be gone; the parts still have to be stopped
        print(text, flush=True)
