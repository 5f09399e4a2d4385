"""What is told of the machines: their clocks, and the room on their disks."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from sdes.kit import temporary, true_clock
from sdes.status.parts import Part, size, spoken
from sdes.status.queries import Clock

LEAST_ROOM = 16 << 20  # bytes; a report as a workbook takes a few million

LATELY = 15.0  # seconds

_full_at: list[float] = []


def note_full_database() -> None:
    """Remembers that the database has just refused to write for want of room."""
    _full_at[:] = [time.monotonic()]


def full_database_part() -> Part | None:
    """What is told instead of the database's own part while it takes nothing in; it can be read all the same."""
    if not _full_at or time.monotonic() - _full_at[0] > LATELY:
        return None
    return Part("Database", "bad", "Full", "What is there can be read. Nothing can be sent or changed now.")


def clock_part(clocks: Iterable[Clock]) -> Part:
    """Whether the clocks of the processes that are alive agree with the database's; the worst of them is told."""
    worst = max(clocks, key=lambda one: abs(one.ahead), default=None)
    if worst is None or not true_clock.is_away(worst.ahead):
        return Part("Clock", "ok", "Right", "The clocks of the service agree.")
    seconds = worst.ahead.total_seconds()
    said = f"{spoken(abs(seconds))} {'ahead' if seconds > 0 else 'behind'}"
    detail = (
        f"That of {worst.name} is {said}, or has jumped. Times are kept by the database's clock; nothing is archived or"
        " deleted because of its date until the clock is right."
    )
    return Part("Clock", "bad", f"Wrong by {spoken(abs(seconds))}", detail)


def clock_part_for_companies(clocks: Iterable[Clock]) -> list[Part]:
    """Nothing while all is well; else what concerns everybody."""
    part = clock_part(clocks)
    if part.state == "ok":
        return []
    detail = "A clock of the service is wrong. Nothing is archived or deleted because of its date until it is right."
    return [Part(part.name, "warn", "Being put right", detail)]


def room_part(home: Path) -> Part:
    """The room on this machine for what is neither the database's nor the store's: logs, and files being made."""
    name = "Disk of the service"
    least = min((room(folder), folder) for folder in (home, temporary.FOLDER))
    if least[0] < LEAST_ROOM:
        detail = (
            f"There is {size(least[0])} left in {least[1]}: reports cannot be taken out as files, nor logs written."
        )
        return Part(name, "bad", "Full", f"{detail} Make room there.")
    return Part(name, "ok", "Enough", f"{size(least[0])} left for logs and for files that are being made.")


def room(folder: Path) -> int:
    """Bytes that can still be written there; none where the folder is gone."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 0
    return disk.f_bavail * disk.f_frsize
