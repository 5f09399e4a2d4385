"""Indexes that hold all that the counts beside the lists need, so that counting reads no row."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "0003"
VERSION = "1.38.0"
DESCRIPTION = "indexes of the counts beside the lists"

STATEMENTS = (
    "CREATE INDEX party_active ON communication_party (company, process_type) WHERE archived_at IS NULL",
    "CREATE INDEX party_archived_unread ON communication_party (company, process_type)"
    " WHERE archived_at IS NOT NULL AND last_received > last_read",
)


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
