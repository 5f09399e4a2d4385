"""The index by which every page counts what its reader has not read."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "0012"
VERSION = "1.38.0"
DESCRIPTION = "unread notifications"

STATEMENT = "CREATE INDEX notification_unread ON notification (person) WHERE read_at IS NULL AND closed_by = ''"


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)

    async def run() -> None:
        await Raw.raw(STATEMENT)

    manager.add_raw(run)
    return manager
