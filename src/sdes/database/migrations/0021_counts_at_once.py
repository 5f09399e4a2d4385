"""All counts beside the list are made in one walk through an index that knows owner and last direction."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "0021"
VERSION = "1.38.0"
DESCRIPTION = "counts at once"

STATEMENTS = (
    "CREATE INDEX party_counts ON communication_party (company, process_type)"
    " INCLUDE (owner, last_direction, archived_at) WHERE archived_at IS NULL",
    "DROP INDEX party_active",
)


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
