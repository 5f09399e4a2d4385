"""The rows of an upload of people (SD 2.6): which columns there are, and what each row asks for. No database."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sdes.accounts.functions import SystemFunction
from sdes.administration.forms.people import address_problem, clean_name, name_problem
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView
from sdes.kit.sheets_read import Sheet, Unreadable

SHEET = "People"  # the sheet of a workbook that is read
COLUMNS = (*("Action", "Email", "Name", "Proxy address", "System functions", "Use cases", "Take over by", "New email"),)
TOLD = ("Master Admin User", "State", "Last sign-in", "Days to deletion", "Second factor", "Result", "Problem")
MAU = "MAU"  # stands for the Master Admin User in "Take over by"
NONE = frozenset({"", "-", "none"})
_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0"})
_USE_CASE = re.compile(r"([A-Za-z0-9]{1,20})\s*:\s*(all|[0-9]{1,2})", re.IGNORECASE)


class Action(StrEnum):
    """What a row asks for; NONE creates or changes, as the address has an account or not."""

    NONE = ""
    CREATE = "create"
    CHANGE = "change"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    DELETE = "delete"


@dataclass(frozen=True)
class Row:
    """What one row asks for. None, and an empty name, leave things as they are; `problems` are sentences."""

    number: int  # of the row in the file
    email: str = ""
    action: Action = Action.NONE
    name: str = ""
    is_proxy_address: bool | None = None
    functions: frozenset[str] | None = None
    use_cases: frozenset[UseCase] | None = None
    take_over_by: str = ""
    new_email: str = ""
    problems: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The address by which the person is known, in lower case."""
        return self.email.lower()


def columns_of(sheet: Sheet) -> dict[str, int]:
    """Where each column of ours stands, by its title. `Unreadable` for a file that has none, or has one twice or one
    that nobody knows."""
    heading = [" ".join(title.split()) for title in (sheet[0] if sheet else [])]
    known = {title.lower(): title for title in (*COLUMNS, *TOLD)}
    found: dict[str, int] = {}
    for place, title in enumerate(heading):
        if not title:
            continue
        name = known.get(title.lower())
        if name is None:
            raise Unreadable(f"There is no column “{title[:60]}”. Use the template's columns: {', '.join(COLUMNS)}.")
        if name in found:
            raise Unreadable(f"The column “{name}” is there twice. Take one of them out.")
        found[name] = place
    if "Email" not in found:
        raise Unreadable("The first row must hold the titles of the columns, and “Email” must be one of them.")
    if not any(sheet[1:]):
        raise Unreadable("There are no rows below the titles of the columns.")
    return found


def rows_of(sheet: Sheet, catalogue: Iterable[ProcessTypeView]) -> list[Row]:
    """What the rows ask for, with all that is wrong with each by itself. `Unreadable` for a file that is no upload."""
    columns = columns_of(sheet)
    processes = {process.code.upper(): process for process in catalogue}
    return [_row(number, cells, columns, processes) for number, cells in enumerate(sheet[1:], 2) if any(cells)]


def _row(number: int, cells: list[str], columns: dict[str, int], processes: dict[str, ProcessTypeView]) -> Row:
    problems: list[str] = []

    def cell(title: str) -> str:
        place = columns.get(title, -1)
        return cells[place] if 0 <= place < len(cells) else ""

    def read(title: str, reader: Callable[[str], Any]) -> Any:
        try:
            return reader(cell(title)) if title in columns else None
        except ValueError as problem:
            problems.append(str(problem))
            return None

    if len(cells) > max(columns.values()) + 1:
        problems.append("There is text to the right of the last column.")
    action = read("Action", _action) or Action.NONE
    email, name, new_email = cell("Email"), clean_name(cell("Name")), cell("New email")
    for text, why in ((email, address_problem), (new_email if new_email else None, address_problem)):
        if text is not None and (problem := why(text)):
            problems.append(f"{problem}.")
    if name and (problem := name_problem(name)):
        problems.append(problem if problem.endswith(".") else f"{problem}.")
    return Row(
        number,
        email[:254],
        action,
        name[:120],
        read("Proxy address", _yes_or_no),
        read("System functions", _functions),
        read("Use cases", lambda text: _use_cases(text, processes)),
        cell("Take over by"),
        new_email,
        tuple(problems),
    )


def _action(text: str) -> Action:
    try:
        return Action(text.lower())
    except ValueError:
        raise ValueError(
            f"“{text[:40]}” is no action: write create, change, suspend, reinstate or delete, or leave it empty."
        ) from None


def _yes_or_no(text: str) -> bool | None:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    if text:
        raise ValueError(f"Write yes or no as Proxy address, not “{text[:40]}”.")
    return None


def _functions(text: str) -> frozenset[str]:
    known = {word.lower(): one.value for one in SystemFunction for word in (one.value, one.label)}
    found = set()
    for word in _words(text):
        if word.lower() not in known:
            raise ValueError(f"There is no system function “{word[:60]}”. Use: {', '.join(SystemFunction)}.")
        found.add(known[word.lower()])
    return frozenset(found)


def _use_cases(text: str, processes: dict[str, ProcessTypeView]) -> frozenset[UseCase]:
    found: set[UseCase] = set()
    for word in _words(text):
        parts = _USE_CASE.fullmatch(word)
        if not parts:
            raise ValueError(f"Write use cases like PT0103:1; PT0103:2 or PT0103:all, not “{word[:40]}”.")
        process = processes.get(parts[1].upper())
        if process is None:
            raise ValueError(f"There is no process type {parts[1].upper()}.")
        levels = [level.number for level in process.levels]
        if parts[2].lower() == "all":
            found.update((process.id, level) for level in levels)
        elif int(parts[2]) in levels:
            found.add((process.id, int(parts[2])))
        else:
            raise ValueError(f"{process.code} has no level {int(parts[2])}: it has {levels[0]} to {levels[-1]}.")
    return frozenset(found)


def _words(text: str) -> Iterator[str]:
    """What stands between semicolons or on lines of its own; nothing for the words that say so."""
    if text.strip().lower() not in NONE:
        yield from (word.strip() for word in re.split(r"[;\n]", text) if word.strip())
