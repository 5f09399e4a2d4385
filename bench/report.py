"""The tables that are pasted, and the line about the machine."""

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.load import Point
from bench.memory import LIMIT, Growth
from bench.paint import Paint

AIM = 0.6  # of the limit
AIM_P95 = 150.0  # milliseconds at 16 connections
AIM_PAINT = 300.0  # milliseconds from the click to the first content on the screen
_PARTS = ("litestar", "uvicorn", "asyncpg", "piccolo", "jinja2")


@dataclass(frozen=True)
class Line:
    """One point of the table; only pages that are read have a limit."""

    name: str
    connections: int
    ours: Point
    limit: Point | None = None

    @property
    def ratio(self) -> float | None:
        return self.ours.rate / self.limit.rate if self.limit and self.limit.rate else None


def table(lines: list[Line]) -> Iterator[str]:
    """The measurements in Markdown."""
    columns = ("what", "connections", "requests/s", "p50 ms", "p95 ms", "p99 ms", "CPU ms", "errors")
    yield f"| {' | '.join(columns)} | limit requests/s | limit p95 ms | limit CPU ms | of the limit |"
    yield f"|---|{'--:|' * 11}"
    for line in lines:
        ours, limit = line.ours, line.limit
        p95 = f"{ours.p95:.1f}{' (!)' if limit and line.connections == 16 and ours.p95 >= AIM_P95 else ''}"
        errors = f"**{ours.errors} of {ours.requests}**" if ours.errors else "0"
        beside = f"{limit.rate:.0f} | {limit.p95:.1f} | {limit.cpu:.1f} | {_ratio(line)}" if limit else " | | | "
        yield (
            f"| {line.name} | {line.connections} | {ours.rate:.0f} | {ours.p50:.1f} | {p95} | {ours.p99:.1f}"
            f" | {ours.cpu:.1f} | {errors} | {beside} |"
        )
    yield ""
    yield (
        "CPU ms: the serving process's own work for one answer; a busy machine changes it too, but less than the rate."
        f" (!): p95 at 16 connections above {AIM_P95:.0f} ms. Bold: below {AIM} of the limit."
    )


def memory_line(found: Growth) -> str:
    """The measurement of memory in a sentence."""
    grown = found.peak - found.before
    verdict = "within" if grown < LIMIT else "ABOVE"
    return (
        f"Memory of the web process: {found.before:.0f} MiB before, {found.peak:.0f} at its highest, {found.after:.0f}"
        f" after {found.uploads} uploads of 10 MB, 8 at once, in {found.seconds:.0f} s ({found.failed} failed): grew by"
        f" {grown:.0f} MiB, {verdict} the limit of {LIMIT}."
    )


def paint_line(found: Paint) -> str:
    """A page in Chromium in a sentence."""
    middle = found.middle
    verdict = "within" if middle <= AIM_PAINT else "ABOVE"
    return (
        f"{found.name} in Chromium: first paint after {middle:.0f} ms ({min(found.first):.0f} to"
        f" {max(found.first):.0f} in {len(found.first)} visits), {verdict} the aim of {AIM_PAINT:.0f}; answered after"
        f" {found.answered:.0f} ms, all there after {found.loaded:.0f} ms."
    )


def machine_line(load_before: tuple[float, float, float], postgres: str) -> str:
    """What the numbers depend on."""
    versions = ", ".join(f"{part} {version(part)}" for part in _PARTS)
    return (
        f"Machine: {os.cpu_count()} cores ({_processor()}), load average before {load_before[0]:.1f}, after"
        f" {os.getloadavg()[0]:.1f}; server, database and load generator share them."
        f" Python {platform.python_version()}, PostgreSQL {postgres} (fsync on), {versions}."
    )


def command_line() -> str:
    """How to measure the same again."""
    arguments = " ".join(sys.argv[1:])
    return "Command: make bench" + (f' ARGS="{arguments}"' if arguments else "")


def _ratio(line: Line) -> str:
    if line.limit and line.limit.errors:
        return f"limit failed {line.limit.errors} times"
    ratio = line.ratio or 0.0
    return f"{ratio:.2f}" if ratio >= AIM else f"**{ratio:.2f}**"


def _processor() -> str:
    for text in Path("/proc/cpuinfo").read_text().splitlines():
        if text.startswith("model name"):
            return text.partition(":")[2].strip()
    return platform.machine()
