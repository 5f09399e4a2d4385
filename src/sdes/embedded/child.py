"""A program of ours that runs beside the supervisor: its log, its end, and what of its log people should see."""

import os
import re
import signal
import subprocess
from pathlib import Path

from sdes.embedded.unprivileged import bound_to_us

_IMPORTANT = re.compile(r"\b(WARNING|ERROR|CRITICAL|Traceback)\b")
_LOG_LIMIT = 10 * 1024 * 1024


class Child:
    """Runs `command` with its output in the file `log`. It ends when the thread that started it ends."""

    def __init__(self, name: str, command: list[str], log: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0  # where in the log this run begins
        self._told = 0  # how far into the log the console was told

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._began = self._told = log.tell()
            self._process = subprocess.Popen(
                [*bound_to_us("TERM"), *self._command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,  # the terminal's Ctrl-C must not reach it before its turn
            )

    def stop(self, seconds: float = 10.0) -> None:
        """Asks it to end, and after `seconds` ends it and whatever it started. Does nothing when it is not running."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._process = None

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs, and a negative signal number when it was killed."""
        return self._process.poll() if self._process else None

    def how_it_ended(self) -> str:
        """The exit code in words."""
        code = self.exit_code
        return f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"

    def news(self) -> list[str]:
        """The lines with a warning or an error that were logged since last asked."""
        return [line for line in self._read_on() if _IMPORTANT.search(line)]

    def last_words(self, count: int = 12) -> str:
        """The end of what it logged since it was started, indented, and where the rest is."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(self._began, self.log.stat().st_size - 16_384))
                lines = log.read().decode(errors="replace").splitlines()[-count:]
        except OSError:
            lines = []
        return "\n".join([*(f"    {line}" for line in lines), f"    (all of it: {self.log})"])

    def _read_on(self) -> list[str]:
        try:
            with self.log.open("rb") as log:
                log.seek(self._told)
                text = log.read(65_536)
        except OSError:
            return []
        whole = text.rfind(b"\n") + 1 or len(text)
        self._told += whole
        return text[:whole].decode(errors="replace").splitlines()
