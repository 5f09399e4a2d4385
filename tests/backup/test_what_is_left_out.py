"""Tables whose rows are in no backup: whatever names one of them is in none either, or a restore would end there."""

import pytest

from sdes.backup.taking import SHORT_LIVED
from sdes.kit import db as database

pytestmark = pytest.mark.anyio

_NAME_THEM = """
SELECT conrelid::regclass::text AS name FROM pg_constraint
 WHERE contype = 'f' AND confrelid::regclass::text = ANY ($1) AND conrelid::regclass::text <> ALL ($1)
"""


@pytest.mark.usefixtures("db")
async def test_what_names_them_is_left_out_as_well() -> None:
    found = {row["name"] for row in await database.fetch(_NAME_THEM, list(SHORT_LIVED))}
    assert not found, f"their rows name rows that no backup holds: put {found} into SHORT_LIVED of backup/taking.py"


@pytest.mark.usefixtures("db")
async def test_they_are_there() -> None:
    rows = await database.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    assert {*SHORT_LIVED} <= {row["name"] for row in rows}, "a table of this name is not there any more"
