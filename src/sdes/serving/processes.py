"""Several serving processes on one port: each has its socket, is started again when it dies, and all end together."""

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sdes.embedded.unprivileged import bound_to_us
from sdes.embedded.watch import Watch
from sdes.kit import logs
from sdes.serving.closing import let_nobody_new_in
from sdes.serving.listening import checked, listen, raise_file_limit, warn_of_limits
from sdes.serving.server import serve_here
from sdes.settings import Settings

log = logging.getLogger(__name__)

_SIGNALS = [signal.SIGHUP, signal.SIGTERM, signal.SIGINT]
_LOOK_SECONDS = 0.2
_MORE_SECONDS = 5.0  # beyond the grace, until a process that does not end is killed


def serve(settings: Settings, factory: str, given: Sequence[int] = ()) -> None:
    """Serves the application that `factory` makes, as `settings` say, until SIGTERM or SIGINT; SIGHUP has the
    certificate read again.

    Refuses (CannotStart) what `checked` does. `given` are the numbers of the sockets that this process was started
    with: its own first, then those of the processes beside it.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # they wait until somebody is there to take them
    most = raise_file_limit()
    if given:
        own, *others = (socket.socket(fileno=number) for number in given)
        serve_here(settings, factory, own, others)
        return
    checked(settings)
    listening = listen(settings, settings.processes)
    logs.begin(settings.log)
    if not settings.demo:
        warn_of_limits(most)
    if settings.processes == 1:
        serve_here(settings, factory, listening[0])
    else:
        _Several(settings, factory, listening).run()


class _Several:
    """The process above the others. It holds their sockets, so that whoever comes while one is away waits for it."""

    def __init__(self, settings: Settings, factory: str, listening: list[socket.socket]) -> None:
        self._settings = settings
        self._listening = listening
        self._asked_to_stop = False
        self._counts = _fresh_counts(settings.home)
        seconds = settings.grace.total_seconds() + _MORE_SECONDS
        numbers = [one.fileno() for one in listening]
        self._processes = [_Process(factory, _first(own, numbers), self._counts, seconds) for own in numbers]
        self._watch = Watch(log.warning)

    def run(self) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._on_end)
        signal.signal(signal.SIGHUP, self._on_hangup)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        try:
            for number, process in enumerate(self._processes, start=1):
                self._watch.begin(f"Web process {number}", process, process.start)
            log.info("%d processes serve at %s:%d", len(self._processes), self._settings.host, self._settings.port)
            while not self._asked_to_stop:
                self._watch.look()
                time.sleep(_LOOK_SECONDS)
        finally:
            self._stop()

    def _stop(self) -> None:
        for one in self._listening:
            let_nobody_new_in(one)
            one.close()  # the processes hold them all, and receive whoever waits at the door of one that is away
        for process in self._processes:
            process.send(signal.SIGTERM)
        self._watch.stop()
        shutil.rmtree(self._counts, ignore_errors=True)

    def _on_end(self, *_: object) -> None:
        self._asked_to_stop = True

    def _on_hangup(self, *_: object) -> None:
        for process in self._processes if self._settings.tls_cert else ():
            process.send(signal.SIGHUP)


class _Process:
    """One of them, given the numbers of its own socket and of all others'; it ends with the one above it."""

    def __init__(self, factory: str, numbers: Sequence[int], counts: Path, seconds: float) -> None:
        self._numbers = numbers
        options = ["--factory", factory, "--socket", *map(str, numbers)]
        self._command = [*bound_to_us("TERM"), sys.executable, "-m", "sdes", "web", *options]
        self._counts = counts
        self._seconds = seconds
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(self._counts)}
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # and so it begins, or they would end it too soon
        try:
            self._running = subprocess.Popen(
                self._command, pass_fds=self._numbers, env=environment, start_new_session=True
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def send(self, name: signal.Signals) -> None:
        if self._running is not None and self._running.poll() is None:
            self._running.send_signal(name)

    def stop(self) -> None:
        """Asks it to end, and ends it after a while."""
        if self._running is None:
            return
        self.send(signal.SIGTERM)
        try:
            self._running.wait(self._seconds)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
        for left in self._counts.glob(f"gauge_live*_{self._running.pid}.db"):
            left.unlink()  # what was true of it as long as it lived
        self._running = None


def _first(own: int, numbers: list[int]) -> list[int]:
    return [own, *(number for number in numbers if number != own)]


def _fresh_counts(home: Path) -> Path:
    """An empty folder for what the processes count together; those of runs that are gone are removed."""
    above = home / "run"
    above.mkdir(parents=True, exist_ok=True)
    for old in above.glob("metrics-*"):
        if not Path("/proc", old.name.removeprefix("metrics-")).exists():
            shutil.rmtree(old, ignore_errors=True)
    fresh = above / f"metrics-{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    return fresh
