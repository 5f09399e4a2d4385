"""Writes the next migration from the difference between the tables and the history: `sdes migration "purpose"`."""

import asyncio
import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "migrations"


def write(purpose: str) -> Path | None:
    """The file `NNNN_purpose.py`, or None when no table has changed."""
    os.environ.setdefault("PICCOLO_CONF", "sdes.database.piccolo_conf")
    from piccolo.apps.migrations.commands.new import new

    before = set(FOLDER.glob("*.py"))
    asyncio.run(new(app_name="sdes", auto=True, desc=purpose, auto_input="y"))
    made = set(FOLDER.glob("*.py")) - before
    if not made:
        return None
    (file,) = made
    number = f"{len(before):04}"
    text = re.sub(r'^ID = ".*"$', f'ID = "{number}"', file.read_text(), flags=re.MULTILINE)
    slug = re.sub(r"[^a-z0-9]+", "_", purpose.lower()).strip("_")
    target = FOLDER / f"{number}_{slug}.py"
    file.unlink()
    target.write_text(text)
    return target
