"""Indexes by which deleting a communication finds what refers to it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "0010"
VERSION = "1.38.0"
DESCRIPTION = "indexes of deletion"

STATEMENTS = (
    "CREATE INDEX reading_communication ON reading (communication)",
    "CREATE INDEX draft_communication ON draft (communication) WHERE communication IS NOT NULL",
)


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
