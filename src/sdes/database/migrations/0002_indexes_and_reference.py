"""Indexes that the lists stand on, and the sequence of communication references."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "0002"
VERSION = "1.38.0"
DESCRIPTION = "indexes and the sequence of references"

STATEMENTS = (
    "CREATE SEQUENCE communication_reference_seq START 2000001",
    "CREATE INDEX party_list ON communication_party (company, last_message_at DESC, communication DESC)"
    " WHERE archived_at IS NULL",
    "CREATE INDEX party_created ON communication_party (company, created_at DESC, communication DESC)"
    " WHERE archived_at IS NULL",
    "CREATE INDEX party_archive ON communication_party (company, last_message_at DESC, communication DESC)"
    " WHERE archived_at IS NOT NULL",
    "CREATE INDEX audit_entry_subject ON audit_entry (subject, at)",
    "CREATE INDEX sign_in_attempt_key ON sign_in_attempt (key, at)",
    "CREATE INDEX attachment_waiting ON attachment (next_attempt_at) WHERE state = 'pending'",
    "CREATE INDEX message_attachment_message ON message_attachment (message)",
)


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
