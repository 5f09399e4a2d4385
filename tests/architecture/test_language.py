"""What no file of the project may say: how or by what it was written, and where packages are fetched from."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.architecture.source import shown, tracked

# In halves, so that this file does not find itself.
ABBREVIATIONS = (("A", "I"), ("L", "LM"), ("L", "LMs"), ("G", "PT"))  # as words, in capitals
AUTHORSHIP = (
    ("chat", "bot"),
    ("clau", "de"),
    ("anth", "ropic"),
    ("open", "ai"),
    ("chat", "gpt"),
    ("co", "pilot"),
    ("gem", "ini"),
    ("assist", "ant"),
    ("language ", "model"),
    ("artificial ", "intelligence"),
    ("co-", "authored"),
    ("sub", "agent"),
    ("sub-", "agent"),
    ("coding ", "agent"),
    ("prototype ", "taken over"),
)
HOSTS = (
    ("pypi", ".org"),
    ("python", "hosted"),
    ("n", "pmjs"),
    ("yarn", "pkg"),
    ("crates", ".io"),
    ("proxy", ".golang"),
    ("docker", ".io"),
    ("gh", "cr.io"),
)
OTHERS_WORK = "vendor"  # folders of it, with their words


def _spelled(halves: tuple[str, ...]) -> str:
    return "-".join(halves)


@pytest.mark.parametrize("halves", [*ABBREVIATIONS, *AUTHORSHIP], ids=_spelled)
def test_nothing_is_said_of_how_or_by_what_it_was_written(halves: tuple[str, ...]) -> None:
    is_word = halves in ABBREVIATIONS
    pattern = re.escape("".join(halves))
    found = list(_lines_with(re.compile(rf"\b{pattern}\b" if is_word else pattern, 0 if is_word else re.IGNORECASE)))
    assert not found, "\n".join(["say what the thing is, not how it came about:", *found])


@pytest.mark.parametrize("halves", HOSTS, ids=_spelled)
def test_no_registry_is_named(halves: tuple[str, ...]) -> None:
    """Packages come from wherever the machine's own settings say."""
    found = list(_lines_with(re.compile(re.escape("".join(halves)), re.IGNORECASE)))
    assert not found, "\n".join(["take the host out (lock files: without resolved addresses):", *found])


def _lines_with(pattern: re.Pattern[str]) -> Iterator[str]:
    for file, lines in _texts():
        for number, line in enumerate(lines, start=1):
            if pattern.search(line):
                yield f"{file}:{number}: {line.strip()[:120]}"


@cache
def _texts() -> list[tuple[str, list[str]]]:
    found = []
    for file in tracked():
        if OTHERS_WORK not in file.parts:
            try:
                found.append((shown(file), file.read_text().splitlines()))
            except UnicodeDecodeError:  # a picture or a font
                continue
    return found
