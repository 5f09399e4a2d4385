"""What one mail says: by communication, what has happened and where to look, and nothing of what was written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sdes.notifications.words import counted

MOST_DESCRIBED = 50  # communications in one mail


@dataclass(frozen=True)
class About:
    """One communication, with a line for each kind of news about it."""

    reference: str
    process: str
    lines: list[str]


@dataclass(frozen=True)
class Digest:
    """The words of one mail. `others` is how many communications more there are than it describes."""

    total: int
    communications: list[About]
    others: int


def digest(rows: Sequence[Mapping[str, Any]]) -> Digest:
    """The mail about these notifications of one person, the communications in the order in which they came up."""
    by_reference: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_reference.setdefault(row["subject"], []).append(row)
    described = [_about(reference, those) for reference, those in list(by_reference.items())[:MOST_DESCRIBED]]
    return Digest(len(rows), described, len(by_reference) - len(described))


def _about(reference: str, rows: Sequence[Mapping[str, Any]]) -> About:
    counts = Counter((row["kind"], row["from_name"]) for row in rows)
    lines = [counted(kind, number, from_name) for (kind, from_name), number in counts.items()]
    return About(reference, rows[0]["process"], lines)
