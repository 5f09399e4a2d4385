"""What companies' programs ask for since they last asked: when a deletion was noted, and what is to be deleted next."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table

ID = "0011"
VERSION = "1.38.0"
DESCRIPTION = "what has changed since"


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)
    manager.add_column(
        table_class_name="DeletedCommunication",
        tablename="deleted_communication",
        column_name="noted_at",
        db_column_name="noted_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": TimestamptzNow(),
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": True,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    async def run() -> None:
        await Raw.raw(
            "CREATE INDEX party_deletes ON communication_party (company, archived_at, communication)"
            " WHERE archived_at IS NOT NULL"
        )

    manager.add_raw(run)
    return manager
