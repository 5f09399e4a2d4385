"""The history of the tables: complete, numbered, and independent of what the tables are today."""

import ast
import re
from pathlib import Path

import pytest
from piccolo.apps.migrations.commands.new import AutoMigrationManager

from sdes.database.piccolo_app import APP_CONFIG
from tests.architecture.source import HISTORY, shown, tree

FILES = sorted(file for file in HISTORY.glob("*.py") if file.name != "__init__.py")


@pytest.mark.anyio
async def test_no_migration_is_pending() -> None:
    changes = await AutoMigrationManager(auto_input="n").get_alter_statements(APP_CONFIG)
    pending = [statement for change in changes for statement in change.statements]
    assert not pending, "\n".join(['Tables have changed: python -m sdes migration "what for"', *pending])


def test_migrations_are_numbered_without_gaps() -> None:
    for number, file in enumerate(FILES, start=1):
        assert re.fullmatch(rf"{number:04}_[a-z0-9_]+\.py", file.name), f"{file.name}: call it {number:04}_purpose.py"
        (ident,) = re.findall(r'^ID = "(.*)"$', file.read_text(), re.MULTILINE)
        assert ident == f"{number:04}", f'{file.name}: its ID must be "{number:04}"'


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_migration_imports_no_live_tables(file: Path) -> None:
    """What it did then it must do for ever, whatever becomes of the tables."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            for name in (named, *(alias.name for alias in node.names)):
                live = name.split(".")[0] in ("sdes", "jobs")
                assert not live, f"{shown(file)}:{node.lineno} imports {name}: write down here what it needs of it"


def test_every_module_of_tables_is_in_the_one_app() -> None:
    """A module that is forgotten there gets no migration and no policy."""
    found = {f"sdes.{file.parent.name}.tables" for file in HISTORY.parents[1].glob("*/tables.py")}
    told = {table.__module__ for table in APP_CONFIG.table_classes}
    assert told == found, f"name it in database/piccolo_app.py: {found - told}"
