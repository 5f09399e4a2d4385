"""One part of the service as people are told of it, and how ages and sizes are put into words."""

from dataclasses import dataclass
from datetime import datetime

from sdes.kit import clock


@dataclass(frozen=True)
class Part:
    """How one part is (ok, warn, bad), in a word and in a sentence."""

    name: str
    state: str
    words: str
    detail: str


def moment(at: datetime) -> str:
    """A moment in London, with its day."""
    local = clock.local(at)
    return f"{local.day} {local:%b %Y, %H:%M}"


def counted(number: int, one: str, many: str) -> str:
    """How many of something, with its name: `one` is one of it."""
    return f"{number:,} {one if number == 1 else many}"


def spoken(seconds: float) -> str:
    """How long, in the largest unit that fits: 3 minutes, 2 hours."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return counted(int(seconds // length), unit, f"{unit}s")
    return counted(int(seconds), "second", "seconds")


def size(number: float) -> str:
    """Bytes as people say them: 1.4 GB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if abs(number) < 1000:
            return f"{number:,.0f} bytes" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} TB"
