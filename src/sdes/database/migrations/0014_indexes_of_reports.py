"""Indexes for reports: what was deleted of one company's, and of all companies', since a day."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "0014"
VERSION = "1.38.0"
DESCRIPTION = "indexes of reports"

STATEMENTS = (
    "CREATE INDEX deleted_communication_sender ON deleted_communication ((companies[1]), deleted_at)",
    "CREATE INDEX deleted_communication_recipient ON deleted_communication ((companies[2]), deleted_at)",
    "CREATE INDEX deleted_communication_at ON deleted_communication (deleted_at)",
)


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
