"""What a killed run may have left of its PostgreSQL: a server still running on the data, or a stale postmaster.pid."""

import os
import signal
import time
from pathlib import Path

_FAST_SECONDS = 30.0
_IMMEDIATE_SECONDS = 10.0


def clear_leftover(data: Path) -> None:
    """Makes a start on `data` possible. Call it only while holding the lock of the home.

    A server that is running on exactly this folder is ours and is stopped. A postmaster.pid that names anything
    else (nobody, a zombie, a process that got the number since) is removed: PostgreSQL would take it for running.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except FileNotFoundError:
        return
    except ValueError:
        pid = 0
    if pid > 0 and _serves(pid, data):
        _end(pid, data)
    pid_file.unlink(missing_ok=True)


def _serves(pid: int, data: Path) -> bool:
    """Whether `pid` is a living PostgreSQL on `data`: it works in its data folder, and a zombie has none."""
    process = Path("/proc") / str(pid)
    try:
        return (process / "comm").read_text().strip() == "postgres" and os.path.samefile(process / "cwd", data)
    except OSError:
        return False


def _end(pid: int, data: Path) -> None:
    for how, seconds in ((signal.SIGINT, _FAST_SECONDS), (signal.SIGQUIT, _IMMEDIATE_SECONDS)):
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            return
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            if not _serves(pid, data):
                return
            time.sleep(0.05)
