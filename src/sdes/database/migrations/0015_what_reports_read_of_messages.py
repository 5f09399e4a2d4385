"""The index of a communication's messages also holds what reports read of them, who and when, but no words."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "0015"
VERSION = "1.38.0"
DESCRIPTION = "what reports read of messages"

STATEMENTS = (
    "ALTER TABLE message DROP CONSTRAINT number_once,"
    " ADD CONSTRAINT number_once UNIQUE (communication, number) INCLUDE (company, person, sent_at)",
)


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
