"""What a list of communications is narrowed to, as its address carries it: read, and written without the usual."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from sdes.kit.characters import without_control_characters
from sdes.kit.numbers import whole_number
from sdes.sdep.search.terms import MOST_ASKED, length_asked

ROOT = "/sdep/communications"
ACTIVE, ARCHIVE = "active", "archive"
FOLDERS = (ACTIVE, "mine", "unassigned", "ours", "theirs", ARCHIVE)
SIDES = {"sent": "By us", "received": "By them"}
DUES = {
    "overdue": "Overdue",
    "overdue-ours": "Overdue, from us",
    "overdue-theirs": "Overdue, from the other company",
    "today": "Today",
    "ours": "Due from us",
    "theirs": "Due from the other company",
}
BIGGEST_ID = 2**31  # what the id of a person or company stays below
LONGEST = 120  # characters of a value that is not a search
LONGEST_QUERY = 8192  # characters of an address
LONGEST_TOLD = 40  # characters of a value that is told to be wrong
REFERENCE = re.compile(r"\s*(SC)?\s*(\d{4})\s*(\d{4})\s*", re.IGNORECASE | re.ASCII)

# What each filter is called where it is spoken of, in the order in which they are told.
LABELS = {
    "q": "Search",
    "side": "Started",
    "process": "Process",
    "company": "Company",
    "owner": "Owner",
    "person": "Assigned to",
    "level": "Level",
    "tag": "Tag",
    "due": "Response due",
}


@dataclass(frozen=True)
class Filters:
    """The folder and what narrows it (SD 11.1(a)); empty text where nothing does.

    `process` is a code or a title; `owner` is "me", "none" or a person's id; `person` with `level` asks for what that
    person is assigned to, at that level or any.
    """

    folder: str = ACTIVE
    q: str = ""
    side: str = ""
    process: str = ""
    company: str = ""
    owner: str = ""
    person: str = ""
    level: str = ""
    tag: str = ""
    due: str = ""

    def words(self) -> dict[str, str]:
        """The parameters of the address: those that are not as usual."""
        given = ((name, getattr(self, name)) for name in FIELDS)
        return {name: value for name, value in given if value and (name, value) != ("folder", ACTIVE)}

    def without(self, *names: str) -> "Filters":
        return replace(self, **dict.fromkeys(names, ""))

    @property
    def is_narrowed(self) -> bool:
        return any(getattr(self, name) for name in LABELS)


FIELDS = tuple(one.name for one in fields(Filters))


@dataclass(frozen=True)
class Asked:
    """What an address asks for: the filters that can be, what was typed to search for, what was left out and why."""

    filters: Filters
    typed: str = ""
    problems: list[str] = field(default_factory=list)


def read_filters(params: Mapping[str, str]) -> Asked:
    """The filters of an address. What cannot be is left out and told in a sentence, never an error."""
    problems = []
    values = {name: _clean(params.get(name, "")) for name in Filters.__dataclass_fields__}
    typed = values["q"]
    if (length := length_asked(typed)) > MOST_ASKED:
        problems.append(f"Nothing was searched for: shorten it to {MOST_ASKED} characters. It has {length:,}.")
        values["q"] = ""
    if values["folder"] not in ("", *FOLDERS):
        problems.append(f"There is no folder “{_told(values['folder'])}”. Active communications are shown.")
        values["folder"] = ""
    for name in LABELS:
        if values[name] and not _may_be(name, values[name]):
            problems.append(left_out(name, values[name]))
            values[name] = ""
    return Asked(Filters(**{**values, "folder": values["folder"] or ACTIVE}), typed, problems)


def read_query(query: str) -> Asked:
    """The filters of what follows the question mark of an address."""
    return read_filters(read_params(query))


def read_params(query: str) -> dict[str, str]:
    """The parameters of what follows the question mark of an address; of a name that comes twice, the last."""
    return dict(parse_qsl(query[:LONGEST_QUERY]))


def left_out(name: str, value: str) -> str:
    """The sentence about a filter that was left out since there is no such value."""
    return f"The filter “{LABELS[name]}: {_told(value)}” was left out: there is no such value, or no longer."


def whole_reference(text: str) -> str:
    """The reference that was typed, with its letters; empty for anything else."""
    typed = REFERENCE.fullmatch(text)
    return f"SC{typed[2]}{typed[3]}" if typed and typed[1] else ""


def href(words: Mapping[str, str]) -> str:
    """The address of the list with these parameters."""
    if "q" in words or "tag" in words:  # what somebody typed is not kept
        return f"{ROOT}?{urlencode(words)}"
    return _known_href(tuple(words.items()))


@lru_cache(4096)
def _known_href(words: tuple[tuple[str, str], ...]) -> str:
    return f"{ROOT}?{urlencode(words)}" if words else ROOT


def _clean(text: str) -> str:
    return " ".join(without_control_characters(text).split())


def _told(value: str) -> str:
    return value if len(value) <= LONGEST_TOLD else f"{value[:LONGEST_TOLD]}…"


def _may_be(name: str, value: str) -> bool:
    if name == "q":
        return True
    if name in ("side", "due"):
        return value in (SIDES if name == "side" else DUES)
    if name == "level":
        return len(value) == 1 and value in "123456789"
    if name in ("company", "person") or (name == "owner" and value not in ("me", "none")):
        return 0 < (whole_number(value, 10) or 0) < BIGGEST_ID
    return len(value) <= LONGEST


@dataclass(frozen=True)
class SavedFilterView:
    """A saved list: its name, its address without the root, and whose it is."""

    id: int
    name: str
    query: str
    is_shared: bool
    person_id: int
    person_name: str

    @property
    def list_href(self) -> str:
        """The list itself; it says which saved filter it is."""
        return f"{ROOT}?{self.query}{'&' if self.query else ''}saved={self.id}"

    @property
    def href(self) -> str:
        return f"/sdep/filters/{self.id}"
