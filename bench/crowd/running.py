"""The service as it is loaded: web processes, worker, virus scanner, database, each a process that can be measured."""

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench.crowd.options import Options
from bench.house import House, free_port, of_the_machine, wait_for
from sdes.embedded.child import Child
from sdes.embedded.clamd import EmbeddedClamd
from sdes.embedded.supervisor import web_command
from sdes.settings import HOME_OF_THE_PROJECT

FILES = 65_536  # open files and connections of a process


@dataclass(frozen=True)
class Running:
    """The port of the web, and the first process of each part, by its name."""

    port: int
    parts: dict[str, int]


def may_open_many() -> None:
    """Lets this process, and those that it starts, have as many connections as the machine allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for most in (max(FILES, hard), hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        except (ValueError, OSError):
            continue
        return


@contextmanager
def running(made: House, chosen: Options, postgres: int) -> Iterator[Running]:
    """Everything but the database, which runs already, until the block ends."""
    with ExitStack() as stack:
        clamd = stack.enter_context(EmbeddedClamd(made.home))
        environment = {
            **of_the_machine(),
            "SDES_HOME": str(made.home),
            "DATABASE_URL": made.urls.web_url,
            "DATABASE_OWNER_URL": made.urls.owner_url,
            "DATABASE_POOL": str(chosen.pool),
            "CLAMD_SOCKET": str(clamd.socket),
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": f"{HOME_OF_THE_PROJECT / 'src'}:{HOME_OF_THE_PROJECT}",
        }
        parts = {"PostgreSQL": postgres, "clamd": clamd.pid}

        children: list[Child] = []

        def start(name: str, command: list[str], port: int = 0) -> None:
            child = Child(name, command, made.home / "log" / f"{name.replace(' ', '-')}.log",
                          {**environment, "PORT": str(port)})  # fmt: skip
            child.start()
            children.append(child)
            stack.callback(child.stop)
            if port:
                wait_for(child, port)
            assert child.pid
            parts[name] = child.pid

        start("worker", [sys.executable, "-m", "sdes", "worker"])
        port = free_port()
        start("web", web_command(port, "sdes.app:create_app", "--processes", str(chosen.processes)), port)
        parts["load"] = os.getpid()
        yield Running(port, parts)
        for child in children:
            if not child.is_running():
                raise SystemExit(f"{child.name} has ended meanwhile ({child.how_it_ended()}):\n{child.last_words()}")
