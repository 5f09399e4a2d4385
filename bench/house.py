"""The house that is measured: a database of its own with fsync on, the web application as `make run` starts it."""

import http.client
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sdes.embedded.child import Child
from sdes.embedded.postgres import EmbeddedPostgres, Urls
from sdes.embedded.supervisor import web_command
from sdes.settings import HOME_OF_THE_PROJECT, Settings

_OF_THE_MACHINE = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
_START_SECONDS = 90.0  # on a busy machine


@dataclass(frozen=True)
class House:
    """Where everything is."""

    home: Path
    urls: Urls
    postgres: int | None = None  # its first process

    @property
    def settings(self) -> Settings:
        """What the web application's settings are."""
        return Settings(home=self.home, database_url=self.urls.web_url, blob_url=f"file://{self.home / 'blobs'}")

    @contextmanager
    def serving(self, name: str, factory: str, **environment: str) -> Iterator["Server"]:
        """An application, served by one process with the flags of `make run`, until the block ends."""
        port = free_port()
        passed = {
            **of_the_machine(),
            "SDES_HOME": str(self.home),
            "SDES_DEMO": "1",
            "PORT": str(port),
            "DATABASE_URL": self.urls.web_url,
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": f"{HOME_OF_THE_PROJECT / 'src'}:{HOME_OF_THE_PROJECT}",
            **environment,
        }
        child = Child(name, web_command(port, factory), self.home / "log" / f"{name}.log", passed)
        child.start()
        try:
            wait_for(child, port)
            assert child.pid
            yield Server(port, child.pid)
        finally:
            child.stop()


@dataclass(frozen=True)
class Server:
    """A running application: where it listens on this machine, and its process."""

    port: int
    pid: int

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def of_the_machine() -> dict[str, str]:
    """What a measured program takes over of this environment: where programs and files are, and none of the operator's
    settings, whose store, mail server or keys a measurement must not touch."""
    return {name: os.environ[name] for name in _OF_THE_MACHINE if name in os.environ}


@contextmanager
def house(home: Path) -> Iterator[House]:
    """A house in the empty folder `home`; PostgreSQL keeps what it is told, power cut or not."""
    with EmbeddedPostgres(home) as postgres:
        urls = Urls(postgres.url("sdes_owner", "sdes"), postgres.url("sdes_web", "sdes"))
        yield House(home, urls, postgres.pid)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(child: Child, port: int) -> None:
    """Waits until the application answers; ends the bench with its last words where it does not."""
    give_up = time.monotonic() + _START_SECONDS
    while child.is_running() and time.monotonic() < give_up:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/sign-in")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise SystemExit(f"{child.name} does not start:\n{child.last_words()}")
