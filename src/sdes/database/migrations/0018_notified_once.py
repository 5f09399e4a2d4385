"""Nobody is notified of one message twice."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "0018"
VERSION = "1.38.0"
DESCRIPTION = "notified once"

STATEMENTS = (
    "DELETE FROM notification later USING notification n WHERE later.number > 0 AND n.id < later.id"
    " AND (n.person, n.subject, n.kind, n.number) = (later.person, later.subject, later.kind, later.number)",
    "CREATE UNIQUE INDEX notification_once ON notification (person, subject, kind, number) WHERE number > 0",
)


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
