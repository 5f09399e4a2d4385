"""Load: wrk, bounded in time, on this machine only; and what it found."""

import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Load:
    """What each connection asks for, again and again: an address, headers, and what `load.lua` needs to know.

    `pid` is the process that answers.
    """

    url: str
    pid: int
    headers: tuple[str, ...]
    words: tuple[str, ...] = ("get",)


@dataclass(frozen=True)
class Point:
    """What was measured: requests a second, times in milliseconds, and how many answers were no good.

    `cpu` is the answering process's own work for one answer: others on the machine change it less than the rate.
    """

    rate: float
    p50: float
    p95: float
    p99: float
    cpu: float
    requests: int
    errors: int

    @classmethod
    def middle(cls, bursts: Sequence["Point"]) -> "Point":
        """The medians of several bursts; errors are added up."""
        middle = {
            name: median(getattr(burst, name) for burst in bursts) for name in ("rate", "p50", "p95", "p99", "cpu")
        }
        return cls(**middle, requests=sum(b.requests for b in bursts), errors=sum(b.errors for b in bursts))


def burst(load: Load, connections: int, seconds: float) -> Point:
    """Keeps `connections` busy with `load` for about so many seconds: each asks anew as soon as it is answered."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", str(SCRIPT)]
    for header in load.headers:
        command += ["-H", header]
    command += [load.url, "--", *load.words, str(random.randrange(2**31))]
    worked = _cpu_seconds(load.pid)
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)
    lines = [line for line in said.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        raise SystemExit(f"wrk failed: {said.stdout} {said.stderr}")
    found = json.loads(lines[-1].removeprefix("RESULT "))
    worked = _cpu_seconds(load.pid) - worked
    time.sleep(min(3.0, found["p95"] / 1e6))  # what was asked for last is still being answered
    return Point(
        rate=found["requests"] / found["microseconds"] * 1e6,
        p50=found["p50"] / 1000,
        p95=found["p95"] / 1000,
        p99=found["p99"] / 1000,
        cpu=worked * 1000 / max(1, found["requests"]),
        requests=found["requests"],
        errors=found["status"] + found["broken"],
    )


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def refuse_without_wrk() -> None:
    """Ends the bench with what to install."""
    if shutil.which("wrk") is None:
        raise SystemExit("The load generator wrk is missing. Install it with: apt-get install wrk")
