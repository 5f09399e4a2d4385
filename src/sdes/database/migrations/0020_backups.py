"""The backups that were begun."""

from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, Column, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod

ID = "0020"
VERSION = "1.38.0"
DESCRIPTION = "backups"

PLAIN = {
    "primary_key": False,
    "unique": False,
    "index": False,
    "index_method": IndexMethod.btree,
    "choices": None,
    "db_column_name": None,
    "secret": False,
}
COLUMNS: dict[str, tuple[type[Column], dict[str, Any]]] = {
    "id": (Serial, {"null": False, "primary_key": True}),
    "name": (Varchar, {"length": 40, "default": "", "null": False}),
    "started_at": (Timestamptz, {"default": TimestamptzNow(), "null": False}),
    "finished_at": (Timestamptz, {"default": None, "null": True}),
    "size": (BigInt, {"default": 0, "null": False}),
    "files": (Integer, {"default": 0, "null": False}),
    "problem": (Text, {"default": "", "null": False}),
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)
    manager.add_table(class_name="Backup", tablename="backup", schema=None, columns=None)
    for name, (kind, words) in COLUMNS.items():
        manager.add_column(
            table_class_name="Backup",
            tablename="backup",
            column_name=name,
            db_column_name=name,
            column_class_name=kind.__name__,
            column_class=kind,
            params={**PLAIN, **words},
            schema=None,
        )
    return manager
