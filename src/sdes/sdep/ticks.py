"""The check boxes of a list: which communications were ticked, and what their rows showed at that time. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sdes.kit.forms import Form

MOST = 200  # rows of a list, so ticks of a form
_TICK = re.compile(r"(SC\d{8})-(\d{1,6})-(\d{0,9})", re.ASCII)
_NUMBER = re.compile(r"\d{8}", re.ASCII)


class Unreadable(ValueError):
    """A box is not one of a page of ours."""


@dataclass(frozen=True)
class Tick:
    """One row as its reader saw it: nobody changes by it what they have not seen."""

    reference: str
    last_number: int  # of its last message
    owner_id: int | None

    def __str__(self) -> str:
        """The value of its check box."""
        return f"{self.reference}-{self.last_number}-{self.owner_id or ''}"

    @classmethod
    def read(cls, text: str) -> "Tick":
        """What `str` has written; `Unreadable` for anything else."""
        found = _TICK.fullmatch(text)
        if not found:
            raise Unreadable("the box is not of this form")
        return cls(found[1], int(found[2]), int(found[3]) if found[3] else None)


def ticked(form: Form) -> list[Tick]:
    """The rows that were ticked, in the page's order and each once: those whose boxes came, or with the box `all` every
    row that the page has shown. `Unreadable` for what no page of ours sends."""
    boxes = form.all("shown" if form.text("all") else "tick")
    if len(boxes) > MOST:
        raise Unreadable("no page shows so much")
    found = {tick.reference: tick for tick in reversed([Tick.read(box) for box in boxes])}
    return list(reversed(found.values()))


def in_address(ticks: Iterable[Tick]) -> str:
    """What an address says of ticked rows: which they are."""
    return ".".join(tick.reference.removeprefix("SC") for tick in ticks)


def from_address(text: str) -> frozenset[str]:
    """The references of the rows that an address says are ticked; nothing for what is none."""
    return frozenset(f"SC{number}" for number in text.split(".", MOST)[:MOST] if _NUMBER.fullmatch(number))
