"""How many requests an API key has made in the minute that is counted: no key may ask without end."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Integer, Timestamptz
from piccolo.columns.indexes import IndexMethod

ID = "0007"
VERSION = "1.38.0"
DESCRIPTION = "requests of API keys"

PLAIN = {
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
    manager.add_column(
        table_class_name="ApiKey",
        tablename="api_key",
        column_name="counted_from",
        db_column_name="counted_from",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={"default": None, "null": True, **PLAIN},
        schema=None,
    )
    manager.add_column(
        table_class_name="ApiKey",
        tablename="api_key",
        column_name="requests",
        db_column_name="requests",
        column_class_name="Integer",
        column_class=Integer,
        params={"default": 0, "null": False, **PLAIN},
        schema=None,
    )
    return manager
