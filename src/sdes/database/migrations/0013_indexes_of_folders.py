"""Indexes for the folders of the list (nobody's, awaiting a reply) and for the order in which responses are due."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "0013"
VERSION = "1.38.0"
DESCRIPTION = "indexes of the folders of the list"

# The process type goes with them, so that a folder is counted from its index alone.
STATEMENTS = (
    "CREATE INDEX party_unowned ON communication_party (company, last_message_at DESC, communication DESC)"
    " INCLUDE (process_type) WHERE archived_at IS NULL AND owner IS NULL",
    "CREATE INDEX party_turn ON communication_party (company, last_direction, last_message_at DESC, communication DESC)"
    " INCLUDE (process_type, archived_at)",
    # Without them the planner thinks that a company awaits as many replies as all do together, and walks its list. It
    # does not ask them for the cost of a partial index, so that the one above is whole.
    "CREATE STATISTICS party_turns (mcv) ON company, last_direction FROM communication_party",
    "CREATE INDEX party_due_first ON communication_party"
    " (company, (coalesce(due_at, '9000-01-01T00:00:00Z'::timestamptz)), communication) WHERE archived_at IS NULL",
)


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
