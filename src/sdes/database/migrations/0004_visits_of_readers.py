"""The last visits in which a person has looked at a communication, instead of the last one alone. They count anew."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Array, BigInt
from piccolo.columns.indexes import IndexMethod

ID = "0004"
VERSION = "1.38.0"
DESCRIPTION = "visits of readers"

PLAIN = {
    "null": False,
    "primary_key": False,
    "unique": False,
    "index": False,
    "index_method": IndexMethod.btree,
    "choices": None,
    "db_column_name": None,
    "secret": False,
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)
    manager.drop_column(
        table_class_name="Reading", tablename="reading", column_name="session", db_column_name="session", schema=None
    )
    manager.add_column(
        table_class_name="Reading",
        tablename="reading",
        column_name="sessions",
        db_column_name="sessions",
        column_class_name="Array",
        column_class=Array,
        params={"default": list, "base_column": BigInt(default=0, **PLAIN), **PLAIN},
        schema=None,
    )
    return manager
