"""Each process tells how far its clock is ahead of the database's."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import DoublePrecision
from piccolo.columns.indexes import IndexMethod

ID = "0024"
VERSION = "1.38.0"
DESCRIPTION = "clocks of processes"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)
    manager.add_column(
        table_class_name="ProcessSign",
        tablename="process_sign",
        column_name="clock_ahead",
        db_column_name="clock_ahead",
        column_class_name="DoublePrecision",
        column_class=DoublePrecision,
        schema=None,
        params={
            "default": 0.0,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
    )
    return manager
