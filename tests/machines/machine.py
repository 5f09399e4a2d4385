"""One machine of several: a web application, a worker and a scanner of its own, and a home that nobody else sees."""

import os
import signal
import sys
from pathlib import Path

from sdes.embedded.child import Child
from sdes.embedded.clamd import EmbeddedClamd
from sdes.embedded.postgres import EmbeddedPostgres
from tests.browser.sites import Site, until

ENDS_WITHIN = 60.0  # seconds


class Machine(Site):
    """A machine in `home` at the database `name`, whose web application has so many `processes`. `shared` is what all
    machines are told alike: the store of files, the master key, the mail server, the address of the whole."""

    def __init__(
        self, home: Path, postgres: EmbeddedPostgres, name: str, shared: dict[str, str], processes: int = 1
    ) -> None:
        self.clamd = EmbeddedClamd(home, official=Path("/nowhere"))
        super().__init__(home, postgres, self.clamd.socket, name)
        del self._environment["SDES_DEMO"]  # the demo keeps its mails
        self._environment |= shared
        self._environment |= {"PORT": str(self.port), "SDES_PROXIES": "127.0.0.1", "SDES_GRACE": "30"}
        self.web = self.program("web", [sys.executable, "-m", "sdes", "web", "--processes", str(processes)])
        self.worker = self.program("worker", [sys.executable, "-m", "sdes", "worker"])

    def start(self) -> None:
        self.clamd.start()
        super().start()

    def stop(self) -> None:
        super().stop()
        self.clamd.stop()

    def restart_web(self) -> None:
        """As an operator does it: told to end, it ends by itself, and is started anew."""
        _end(self.web)
        self.start_web()

    def by_hand(self, *command: str) -> Child:
        """A command of `sdes` that has been started on this machine."""
        program = self.program("by-hand", [sys.executable, "-m", "sdes", *command])
        program.start()
        return program

    def restart_worker(self) -> None:
        _end(self.worker)
        self.worker.start()


def _end(program: Child) -> None:
    assert program.pid
    os.kill(program.pid, signal.SIGTERM)
    until(lambda: not program.is_running(), f"{program.name} has ended", ENDS_WITHIN)
    assert program.exit_code in (0, -signal.SIGTERM), program.last_words()
