"""The commands of docs/continuity.md, as they stand there."""

import re
import shlex
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "continuity.md"
SHELF, NAME, STORE = "/srv/backups", "NAME", "/srv/store"


def commands(heading: str = "") -> list[list[str]]:
    """What follows `python -m sdes` in each command of the page, or of the section under `heading`."""
    text = PAGE.read_text()
    if heading:
        text = text.partition(f"### {heading}")[2].partition("\n### ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert all(line.startswith("python -m sdes ") for line in lines), lines
    return [shlex.split(line)[3:] for line in lines]


def placed(command: list[str], shelf: Path, name: str = "", store: Path | None = None) -> list[str]:
    """A command with the places of a test in the stead of the page's."""
    placed = [word.replace(SHELF, str(shelf)).replace(STORE, str(store)) for word in command]
    return [re.sub(rf"\b{NAME}\b", name, word) for word in placed]
