"""Marks name paragraphs that exist, and what has been proven once stays proven."""

import ast
from pathlib import Path

import pytest

from tests import spec_table
from tests.spec_table import PROVEN, WRITE, claims, lines, paragraphs, paragraphs_of, proven


def test_every_mark_names_a_paragraph() -> None:
    known = {paragraph.id for paragraph in paragraphs()}
    for name, tests in claims().items():
        assert name in known, (
            f"{tests[0]} claims “{name}”, which is not in tests/spec.toml: look up how it is written there"
        )


def test_every_mark_is_read() -> None:
    """One that the table cannot read (in a parameter, through a variable) would count for nothing."""
    for file in spec_table.TESTS.rglob("test_*.py"):
        if "node_modules" not in file.parts and file.name != "test_spec.py":
            name = str(file.relative_to(spec_table.TESTS.parent))
            read = {paragraph for paragraph, tests in claims().items() if any(test.startswith(name) for test in tests)}
            marks = [
                node
                for node in ast.walk(ast.parse(file.read_text()))
                if isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.spec"
            ]
            words = paragraphs_of(ast.parse(file.read_text()))
            assert len(words) >= len(marks), f"{name}: name the paragraph in plain text: spec(...)"
            assert set(words) <= read, f"{name}: mark the test, its class or the whole file: {set(words) - read}"


def test_what_was_proven_is_still_proven() -> None:
    before, now = PROVEN.read_text().splitlines(), proven()
    lost = [name for name in before if name not in now]
    assert not lost, f"no test proves {', '.join(lost)} any more. If that is meant: {WRITE}"
    assert now == before, f"newly proven: {', '.join(n for n in now if n not in before)}. Keep it so: {WRITE}"


def test_the_table_tells_of_every_paragraph_and_adds_up() -> None:
    told = list(lines())
    assert len(told) > len(paragraphs())
    assert all(any(line.startswith(f"{one.id} ") for line in told) for one in paragraphs())
    features = [one for one in paragraphs() if one.kind == "feature"]
    assert told[-1].split()[1:5] == [
        str(sum(bool(one.tests) for one in features)),
        "of",
        str(len(features)),
        "features",
    ]


def test_marks_of_tests_classes_and_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(
        "pytestmark = [pytest.mark.anyio, pytest.mark.spec('SD 2.2')]\n"
        "@pytest.mark.spec('SD 3.1', 'SD 3.2')\ndef test_one(): ...\n"
        "@pytest.mark.spec('SD 4.1')\nclass TestTwo:\n    async def test_three(self): ...\n"
        "def helper(): ...\n"
    )
    monkeypatch.setattr(spec_table, "TESTS", tmp_path / "tests")
    claims.cache_clear()
    found = {name: [test.split("::")[1] for test in tests] for name, tests in claims().items()}
    claims.cache_clear()
    assert found == {
        "SD 2.2": ["test_one", "test_three"],
        "SD 3.1": ["test_one"],
        "SD 3.2": ["test_one"],
        "SD 4.1": ["test_three"],
    }
