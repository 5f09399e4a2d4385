"""What the parts of the service take of the machine: memory and processor time, each with whatever it started."""

import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Measured:
    """One part: processor seconds between `begin` and `end`, and memory in MiB, shared pages by their share."""

    seconds: float = 0.0
    memory: float = 0.0
    processes: int = 0


@dataclass
class Machine:
    """Takes the processor times of all parts twice; memory at the second time and whenever it is looked at."""

    parts: dict[str, int]
    measured: dict[str, Measured] = field(default_factory=dict)
    _begun: dict[str, float] = field(default_factory=dict)

    def begin(self) -> None:
        family = _family()
        self._begun = {name: _seconds(pid, family) for name, pid in self.parts.items()}

    def look(self) -> None:
        """Remembers the most memory that each part had."""
        family = _family()
        for name, pid in self.parts.items():
            found = self.measured.setdefault(name, Measured())
            members = _members(pid, family) if name != "load" else [pid]
            memory = sum(map(_memory, members))
            if memory > found.memory:
                found.memory, found.processes = memory, len(members)

    def end(self) -> None:
        family = _family()
        for name, pid in self.parts.items():
            self.measured.setdefault(name, Measured()).seconds = _seconds(pid, family) - self._begun[name]
        self.look()


def _family() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        if fields := _stat(int(folder.name)):
            found[int(fields[1])].append(int(folder.name))
    return found


def _members(pid: int, family: dict[int, list[int]]) -> list[int]:
    return [pid, *(member for child in family.get(pid, ()) for member in _members(child, family))]


def _seconds(pid: int, family: dict[int, list[int]]) -> float:
    """Of the process and all that it started, those that have ended too; the load's own without the parts."""
    if pid == os.getpid():
        own = os.times()
        return own.user + own.system
    ticks = [sum(map(int, fields[11:15])) for member in _members(pid, family) if (fields := _stat(member))]
    return sum(ticks) / _TICK


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _memory(pid: int) -> float:
    """MiB; of what several processes share, each its part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
