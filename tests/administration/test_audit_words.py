"""Every event of administration and of sign-in is put into words, in one place."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from sdes.administration.audit.words import GROUPS, ITSELF, NOBODY, events_of, who_did, words_for
from tests.architecture.source import SDES, modules, shown, tree

FEATURES = ("accounts", "administration", "single_sign_on", "mail")
WORDS = SDES / "administration" / "audit" / "words.py"
DOWNLOADS = [SDES / "sdep" / "actions" / name for name in ("reports.py", "exporting.py")]  # shown to the MAU too
RESTORED = [SDES / "backup" / "withdrawing.py"]  # and so is what a company has lost with a restore
FILES = [file for file in modules(*(SDES / feature for feature in FEATURES)) if file != WORDS] + DOWNLOADS + RESTORED
EVENT = re.compile(r"(accounts|administration|backup|single-sign-on|mail)\.[a-z][a-z-]*\.[a-z][a-z-]*")


@cache
def events() -> frozenset[tuple[str, str]]:
    """Every event that the code of these features can record, and the module that does."""
    return frozenset((event, shown(file)) for event, file in _written())


def test_every_event_has_words() -> None:
    assert len(events()) > 20, "the events are not found any more: mend this test"
    silent = sorted(f"{event} ({file})" for event, file in events() if words_for(event) == event)
    assert not silent, f"put these into words in administration/audit/words.py: {silent}"


def test_words_are_of_events_that_there_are() -> None:
    known = {event for event, _ in events()}
    dead = [event for group in GROUPS for event in group.events if event not in known]
    assert not dead, f"nothing records these: drop them from administration/audit/words.py: {dead}"


def test_no_event_is_recorded_that_cannot_be_read_from_the_code() -> None:
    for file in FILES:
        for place, event in _recorded(file):
            assert _values(event, place), f"{shown(file)}:{place.call.lineno}: write out which event this is"


def test_an_event_stands_in_one_group() -> None:
    every = [event for group in GROUPS for event in group.events]
    assert len(every) == len(set(every))


def test_an_unknown_event_shows_as_it_is() -> None:
    assert words_for("administration.moon.landed-on") == "administration.moon.landed-on"
    assert events_of("nonsense") == []


@pytest.mark.parametrize(
    ("event", "name", "who"),
    [
        ("accounts.sign-in.refused", "", NOBODY),
        ("administration.person.deleted", "", ITSELF),
        ("administration.person.deleted", "Mo Sheikh", "Mo Sheikh"),
    ],
)
def test_who_stands_where_there_is_no_name(event: str, name: str, who: str) -> None:
    assert who_did(event, name) == who


@dataclass(frozen=True)
class Place:
    """A call, the function in which it stands, and the module of both."""

    call: ast.Call
    function: ast.AST
    file: Path


def _written() -> Iterator[tuple[str, Path]]:
    """The events that are written out anywhere, and those that `auditlog.record` is given, however roundabout."""
    for file in FILES:
        for node in ast.walk(tree(file)) if "routes" not in file.parts else ():  # their names look the same
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and EVENT.fullmatch(node.value):
                yield node.value, file
        for place, event in _recorded(file):
            for written in _values(event, place):
                yield written, file


def _recorded(file: Path) -> Iterator[tuple[Place, ast.expr]]:
    """Where a module records something, and what it says of the event."""
    for place in _calls("auditlog.record", [file]):
        yield place, place.call.args[1]
    for place in _calls("auditlog.Entry", [file]):
        yield place, place.call.args[0]


def _calls(name: str, files: Iterable[Path]) -> Iterator[Place]:
    """Where a function is called; `auditlog.record` is another one than `record`."""
    for file in files:
        for function in ast.walk(tree(file)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call):
                        called = ast.unparse(node.func)
                        if called == name or (called != "auditlog.record" and called.endswith(f".{name}")):
                            yield Place(node, function, file)


def _values(given: ast.expr, place: Place) -> set[str]:
    """What an expression may come to: words, a choice of two, text put together, a variable, a parameter."""
    match given:
        case ast.Constant(value=str(words)):
            return {words}
        case ast.IfExp():
            return _values(given.body, place) | _values(given.orelse, place)
        case ast.JoinedStr():
            parts = [_values(part, place) for part in given.values]
            return {"".join(chosen) for chosen in product(*parts)}
        case ast.FormattedValue():
            return _values(given.value, place)
        case ast.Name(id=name):
            return _set_to(name, place) | _handed_in(name, place)
        case _:
            return set()


def _set_to(name: str, place: Place) -> set[str]:
    return {
        value
        for node in ast.walk(tree(place.file))
        if isinstance(node, ast.Assign) and name in [ast.unparse(one) for one in node.targets]
        for value in _values(node.value, place)
    }


def _handed_in(name: str, place: Place) -> set[str]:
    """What the callers of the function give for its parameter of that name."""
    function = place.function
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    if name not in [*names, *(argument.arg for argument in function.args.kwonlyargs)]:
        return set()
    found: set[str] = set()
    for caller in _calls(function.name, [place.file] if function.name.startswith("_") else FILES):
        named = [keyword.value for keyword in caller.call.keywords if keyword.arg == name]
        at = names.index(name) if name in names else len(caller.call.args)
        for given in named or caller.call.args[at : at + 1]:
            found |= _values(given, caller)
    return found
