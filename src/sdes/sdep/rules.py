"""The rules under which a communication was sent: its levels, kept with it, whatever the catalogue says by now."""

import json
from dataclasses import dataclass

from sdes.catalogue.tables import ResponseUnit
from sdes.catalogue.views import LevelView


@dataclass(frozen=True)
class Rules:
    """The levels of one communication, and whether its kind is ever escalated (SD 11.1(e))."""

    levels: tuple[LevelView, ...]
    may_escalate: bool

    @classmethod
    def read(cls, stored: str) -> "Rules":
        """From what the communication keeps."""
        told = json.loads(stored)
        levels = (
            LevelView(level["number"], level["name"], level["amount"], ResponseUnit(level["unit"]))
            for level in told["levels"]
        )
        return cls(tuple(levels), told["may_escalate"])

    @property
    def max_level(self) -> int:
        return len(self.levels)

    def level(self, number: int) -> LevelView:
        """The level of that number, from 1; one that there is not is a `LookupError`."""
        for level in self.levels:
            if level.number == number:
                return level
        raise LookupError(f"no level {number}")
