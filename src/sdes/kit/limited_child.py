"""Processes of their own, with bounds of memory and time, for files that may be made to exhaust their reader.

Keep this file light: such a process loads it before it is bounded.
"""

import ctypes
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# What the file has done to its reader; any other failure of the process is ours.
CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL)
SOURCE = Path(__file__).resolve().parents[2]
_PR_SET_PDEATHSIG = 1
_MOST_SAID = 64 << 20  # bytes that are taken from it
_LAST_WORDS = 500


@dataclass(frozen=True)
class Ended:
    """How the process ended (below zero: by that signal), what it printed and the end of what it complained of."""

    status: int
    said: bytes
    complaint: str

    @property
    def has_crashed(self) -> bool:
        return -self.status in CRASHES

    @property
    def took_too_long(self) -> bool:
        return self.status == -signal.SIGXCPU


def memory_file(name: str) -> BinaryIO:
    """An empty file that exists in memory only: plain text never lies on a disk (SD 8.3)."""
    return os.fdopen(os.memfd_create(name, os.MFD_CLOEXEC), "w+b")


def run(module: str, *words: str, file: BinaryIO, seconds: float) -> Ended:
    """Runs `python -m module words` with `file`, from its start, as its standard input, and waits for its end. It gets
    nothing else: no environment, hence no keys. Synchronous: call it in a thread.

    Raises `subprocess.TimeoutExpired` after `seconds` (the process is killed) and OSError where it cannot be started.
    """
    file.flush()
    # Opened anew, so that the two processes do not move each other's place in the file. What it says goes to files:
    # its bound of file sizes holds for them, and not for pipes.
    with (
        open(f"/proc/self/fd/{file.fileno()}", "rb", buffering=0) as again,
        memory_file("said") as said,
        memory_file("complaint") as complaint,
    ):
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            stdin=again,
            stdout=said,
            stderr=complaint,
            timeout=seconds,
            env={"PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
        said.seek(0)
        complaint.seek(max(0, complaint.seek(0, os.SEEK_END) - _LAST_WORDS))
        return Ended(done.returncode, said.read(_MOST_SAID), complaint.read().decode(errors="replace"))


def bind(limits: Mapping[int, int]) -> None:
    """Called by such a process before it reads a byte: bounds it for good, and lets it die with who started it.

    `limits` are the kernel's (`resource.RLIMIT_…`), in bytes, seconds or files.
    """
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    for limit, soft in limits.items():
        # The signal of the soft limit tells that it was the time; the hard one kills.
        hard = soft + 5 if limit == resource.RLIMIT_CPU else soft
        resource.setrlimit(limit, (soft, hard))
    os.nice(5)
