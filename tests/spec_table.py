"""The table of the specification: each paragraph, and the tests that claim it with `@pytest.mark.spec(...)`."""

import ast
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
PROVEN = TESTS / "spec_proven.txt"
WRITE = "python -m sdes spec --write"


@dataclass(frozen=True)
class Paragraph:
    """One demand of the specification. `tests` are those that claim it, as `file::name`."""

    part: str
    id: str
    kind: str  # "feature": a test proves it; "operation": a document, a drill or a report does
    what: str
    tests: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        count = len(self.tests)
        return f"proven by {count} test{'s' if count > 1 else ''}" if count else "not yet built"


def paragraphs() -> list[Paragraph]:
    """Every paragraph in the order of the specification, with its tests."""
    claimed = claims()
    return [
        Paragraph(part, name, told["kind"], told["what"], claimed.get(name, []))
        for part, rows in tomllib.loads((TESTS / "spec.toml").read_text()).items()
        for name, told in rows.items()
    ]


@cache
def claims() -> dict[str, list[str]]:
    """Which tests claim which paragraph, whether or not there is such a paragraph."""
    found: dict[str, list[str]] = {}
    for file in sorted(TESTS.rglob("test_*.py")):
        if "node_modules" not in file.parts:
            for test, paragraph in _claims_in(file):
                found.setdefault(paragraph, []).append(f"{file.relative_to(TESTS.parent)}::{test}")
    return found


def lines() -> Iterable[str]:
    """The table as text, with totals for each part."""
    found = paragraphs()
    for one in found:
        yield f"{one.id:16}{one.kind:11}{one.state:20}{one.what}"
    yield ""
    for part in dict.fromkeys(one.part for one in found):
        yield _total(part, [one for one in found if one.part == part])
    yield _total("all", found)


def proven() -> list[str]:
    """The paragraphs that at least one test claims, in the order of the specification."""
    return [one.id for one in paragraphs() if one.tests]


def write_proven() -> None:
    """Keeps the list that the tests compare with."""
    PROVEN.write_text("".join(f"{name}\n" for name in proven()))


def _total(name: str, found: list[Paragraph]) -> str:
    count = Counter((one.kind, bool(one.tests)) for one in found)
    features = count["feature", True] + count["feature", False]
    operations = count["operation", True] + count["operation", False]
    by_hand = f", {operations} for documents and drills" if operations else ""
    return f"{name:16}{count['feature', True]} of {features} features proven{by_hand}"


def _claims_in(file: Path) -> Iterator[tuple[str, str]]:
    """Each test of a file with each paragraph that it claims by itself, by its class or by the whole file's mark."""
    tree = ast.parse(file.read_text())
    whole = [
        paragraph
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
        for paragraph in paragraphs_of(node.value)
    ]
    yield from _claims_of(tree.body, whole)


def _claims_of(body: list[ast.stmt], above: list[str]) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            claimed = above + [name for mark in node.decorator_list for name in paragraphs_of(mark)]
            if isinstance(node, ast.ClassDef):
                yield from _claims_of(node.body, claimed)
            elif node.name.startswith("test"):
                yield from ((node.name, paragraph) for paragraph in dict.fromkeys(claimed))


def paragraphs_of(marks: ast.AST) -> list[str]:
    """The words of every `pytest.mark.spec(...)` within an expression."""
    return [
        word.value
        for node in ast.walk(marks)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.spec"
        for word in node.args
        if isinstance(word, ast.Constant) and isinstance(word.value, str)
    ]
