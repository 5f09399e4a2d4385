"""The project's own files as the architecture tests read them: modules as trees of syntax, templates as text."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
SDES = SRC / "sdes"
HISTORY = SDES / "database" / "migrations"


def modules(*folders: Path, with_history: bool = False) -> list[Path]:
    """Every Python file below the folders; migrations, which a program writes, only when asked for."""
    found = sorted(file for folder in folders for file in folder.rglob("*.py"))
    return [file for file in found if with_history or HISTORY not in file.parents]


def templates() -> list[Path]:
    """Every template: pages and fragments."""
    return sorted([*(SDES / "templates").rglob("*.html"), *(SDES / "partials").rglob("*.html")])


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def public_functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of a module that others may call."""
    for node in tree(file).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


def shown(file: Path) -> str:
    """The file as a failure names it."""
    return str(file.relative_to(ROOT))


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is, or is about to be, in the history of the project."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    files = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(sorted(file for file in files if file.is_file()))
