"""What was deleted keeps the words of its process type; no statistics keep the words of a saved filter."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "0016"
VERSION = "1.38.0"
DESCRIPTION = "what outlives what it names"

STATEMENTS = (
    "ALTER TABLE saved_filter ALTER COLUMN name SET STATISTICS 0",
    "ALTER TABLE saved_filter ALTER COLUMN query SET STATISTICS 0",
    "CREATE INDEX deleted_communication_process ON deleted_communication (process_type)",
    "UPDATE deleted_communication d SET facts = d.facts || jsonb_build_object('process', jsonb_build_object("
    "'title', t.title, 'contact_type', t.contact_type, 'fuel', t.fuel, 'code', t.code))"
    " FROM process_type t WHERE t.id = d.process_type AND d.facts -> 'process' IS NULL",
)


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
