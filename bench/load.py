"""Load: wrk, bounded in time, on this machine only; and what it found."""

import json
import random
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Load:
    """What each connection asks for, again and again: an address, headers, and what `load.lua` needs to know."""

    url: str
    headers: tuple[str, ...]
    words: tuple[str, ...] = ("get",)


@dataclass(frozen=True)
class Point:
    """What was measured: requests a second, times in milliseconds, and how many answers were no good."""

    rate: float
    p50: float
    p95: float
    p99: float
    requests: int
    errors: int

    @classmethod
    def middle(cls, bursts: Sequence["Point"]) -> "Point":
        """The medians of several bursts; errors are added up."""
        middle = {name: median(getattr(burst, name) for burst in bursts) for name in ("rate", "p50", "p95", "p99")}
        return cls(**middle, requests=sum(b.requests for b in bursts), errors=sum(b.errors for b in bursts))


def burst(load: Load, connections: int, seconds: float) -> Point:
    """Keeps `connections` busy with `load` for about so many seconds: each asks anew as soon as it is answered."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", str(SCRIPT)]
    for header in load.headers:
        command += ["-H", header]
    command += [load.url, "--", *load.words, str(random.randrange(2**31))]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)
    lines = [line for line in said.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        raise SystemExit(f"wrk failed: {said.stdout} {said.stderr}")
    found = json.loads(lines[-1].removeprefix("RESULT "))
    return Point(
        rate=found["requests"] / found["microseconds"] * 1e6,
        p50=found["p50"] / 1000,
        p95=found["p95"] / 1000,
        p99=found["p99"] / 1000,
        requests=found["requests"],
        errors=found["status"] + found["broken"],
    )


def refuse_without_wrk() -> None:
    """Ends the bench with what to install."""
    if shutil.which("wrk") is None:
        raise SystemExit("The load generator wrk is missing. Install it with: apt-get install wrk")
