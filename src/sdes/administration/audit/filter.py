"""What part of the audit log is asked for, as an address carries it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from sdes.administration.audit.words import events_of
from sdes.catalogue.dates import read_date
from sdes.kit.forms import without_control_characters

MOST_SEARCHED = 200  # characters


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are asked for. Days are London's, both included; `group` is a key of words.GROUPS."""

    first: date | None = None
    last: date | None = None
    person: str = ""
    group: str = ""
    text: str = ""


@dataclass(frozen=True)
class Asked:
    """A filter as typed, what it means, and what is wrong with it by field (which then filters nothing)."""

    values: dict[str, str]
    filter: AuditFilter
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_filtered(self) -> bool:
        return any(self.values.values())

    def query(self, **more: str) -> str:
        """The part of an address that carries it, with its question mark; empty values are left out."""
        words = {name: value for name, value in {**self.values, **more}.items() if value}
        return f"?{urlencode(words)}" if words else ""


def read_filter(words: Mapping[str, str]) -> Asked:
    """What an address asks for: from, to, person, kind, text."""
    values = {
        name: " ".join(without_control_characters(words.get(name, "")).split())[:MOST_SEARCHED]
        for name in ("from", "to", "person", "kind", "text")
    }
    errors: dict[str, str] = {}
    first, last = _date(values, errors, "from"), _date(values, errors, "to")
    if first and last and last < first:
        errors["to"] = "The last day is before the first"
    if not events_of(values["kind"]):
        values["kind"] = ""
    days = (None, None) if errors else (first, last)
    return Asked(values, AuditFilter(*days, values["person"], values["kind"], values["text"]), errors)


def _date(values: dict[str, str], errors: dict[str, str], name: str) -> date | None:
    if not values[name]:
        return None
    day, error = read_date(values[name])
    if error:
        errors[name] = error
    return day
