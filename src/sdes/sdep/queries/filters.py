"""Filters of the list as where-clauses over party rows `p` and their communications; no database is asked here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.kit import clock
from sdes.sdep.access import visible_to
from sdes.sdep.filters import DUES, LABELS, SIDES, Asked, Filters, left_out
from sdes.sdep.queries.choices import Choices

_IS_ACTIVE = "p.archived_at IS NULL"
_ASSIGNED = (
    "EXISTS (SELECT 1 FROM assignment g WHERE g.company = {} AND g.person = {} AND g.process_type = p.process_type"
    " AND g.level = p.level)"
)


@dataclass(frozen=True)
class Chip:
    """One filter in words."""

    name: str
    label: str
    value: str


@dataclass(frozen=True)
class Narrowed:
    """A list as it is really asked for: its rows, the filters that hold, the same in words, and what was left out."""

    where: QueryString
    filters: Filters
    chips: list[Chip]
    problems: list[str]
    searches: tuple[QueryString, ...] = ()  # the clauses of what is searched for
    is_walked: bool = False  # whether they find too much for a list of it


# What a folder holds of the rows that exist for the actor; `{}` is the actor.
FOLDERS = {
    "active": _IS_ACTIVE,
    "mine": f"p.owner = {{}} AND {_IS_ACTIVE}",
    "unassigned": f"p.owner IS NULL AND {_IS_ACTIVE}",
    "ours": f"p.last_direction = 'received' AND {_IS_ACTIVE}",
    "theirs": f"p.last_direction = 'sent' AND {_IS_ACTIVE}",
    "archive": "p.archived_at IS NOT NULL",
}


def folder_clause(actor: Actor, folder: str) -> QueryString:
    """The rows of a folder, among all that exist for the actor."""
    of_actor = [actor.person_id] if "{}" in FOLDERS[folder] else []
    return QueryString("{} AND {}", visible_to(actor).querystring, QueryString(FOLDERS[folder], *of_actor))


def narrowed(actor: Actor, asked: Asked, choices: Choices, searches: Sequence[QueryString] = ()) -> Narrowed:
    """The list that is asked for, without the filters that name what is not among the choices (SD 11.1(a)).

    `searches` are the clauses of what is searched for.
    """
    filters, problems, chips = asked.filters, list(asked.problems), []
    clauses = [folder_clause(actor, filters.folder), *searches]
    for name, label in LABELS.items():
        if not (value := getattr(filters, name)):
            continue
        words = _WORDS[name](value, choices)
        if words is None:
            problems.append(left_out(name, value))
            filters = filters.without(name)
            continue
        chips.append(Chip(name, label, words))
    clauses += _clauses(actor, filters, choices)
    where = clauses[0]
    for clause in clauses[1:]:
        where = QueryString("{} AND {}", where, clause)
    return Narrowed(where, filters, chips, problems, tuple(searches))


def _clauses(actor: Actor, filters: Filters, choices: Choices) -> Iterable[QueryString]:
    if filters.side:
        yield QueryString("p.side = {}", "sender" if filters.side == "sent" else "recipient")
    if filters.process:
        yield QueryString("p.process_type = ANY ({})", _process_ids(filters.process, choices))
    if filters.company:
        yield QueryString("p.other_company = {}", int(filters.company))
    if filters.owner == "none":
        yield QueryString("p.owner IS NULL")
    elif filters.owner:
        yield QueryString("p.owner = {}", actor.person_id if filters.owner == "me" else int(filters.owner))
    if filters.person:
        yield QueryString(_ASSIGNED, actor.company_id, int(filters.person))
    if filters.level:
        yield QueryString("p.level = {}", int(filters.level))
    if filters.tag:
        yield QueryString("{} = ANY (p.tags)", filters.tag)
    if filters.due:
        yield from _due(filters.due)


def _due(due: str) -> Iterable[QueryString]:
    """Active ones of which a response is due: from whom, or when, or both."""
    when, _, whose = due.rpartition("-") if due.endswith(("ours", "theirs")) else (due, "", "")
    yield QueryString(f"p.due_at IS NOT NULL AND {_IS_ACTIVE}")
    if whose:
        yield QueryString("p.is_due_from_us" if whose == "ours" else "NOT p.is_due_from_us")
    if when:
        yield QueryString("p.due_at >= {} AND p.due_at < {}", *_span(when))


def _span(when: str) -> tuple[datetime, datetime]:
    """From when until when a response is due that is overdue, or due in what is left of London's day."""
    now = clock.now()
    if when == "overdue":
        return datetime.min.replace(year=1970, tzinfo=now.tzinfo), now
    tomorrow = datetime.combine(clock.local(now).date() + timedelta(days=1), time(), clock.LONDON)
    return now, tomorrow.astimezone(now.tzinfo)


def _process_ids(value: str, choices: Choices) -> list[int]:
    return [process.id for process in choices.processes if value in (process.code, process.title)]


def _process_words(value: str, choices: Choices) -> str | None:
    for process in choices.processes:
        if value == process.code:
            return process.name
    return value if _process_ids(value, choices) else None


def _owner_words(value: str, choices: Choices) -> str | None:
    return {"me": "Me", "none": "Nobody"}.get(value) or choices.people.get(int(value) if value.isdecimal() else 0)


# Each filter's value in words, or None where there is no such value.
_WORDS: dict[str, Callable[[str, Choices], str | None]] = {
    "q": lambda value, choices: value,
    "side": lambda value, choices: SIDES[value],
    "process": _process_words,
    "company": lambda value, choices: choices.companies.get(int(value)),
    "owner": _owner_words,
    "person": lambda value, choices: choices.people.get(int(value)),
    "level": lambda value, choices: value,
    "tag": lambda value, choices: value,
    "due": lambda value, choices: DUES[value],
}
