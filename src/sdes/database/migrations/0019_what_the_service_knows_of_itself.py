"""Signs of life of processes, runs of jobs, what is counted, and a daily measure of growth."""

from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, Column, Date, DoublePrecision, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod

ID = "0019"
VERSION = "1.38.0"
DESCRIPTION = "what the service knows of itself"

PLAIN = {
    "primary_key": False,
    "unique": False,
    "index": False,
    "index_method": IndexMethod.btree,
    "choices": None,
    "db_column_name": None,
    "secret": False,
}
Kind = tuple[type[Column], dict[str, Any]]

NUMBER: Kind = (BigInt, {"default": 0, "null": False})
WHOLE: Kind = (Integer, {"default": 0, "null": False})
SECONDS: Kind = (DoublePrecision, {"default": 0.0, "null": False})
MOMENT: Kind = (Timestamptz, {"default": TimestamptzNow(), "null": False})
MAYBE: Kind = (Timestamptz, {"default": None, "null": True})


def _name(length: int, *, key: bool = True) -> Kind:
    return (Varchar, {"length": length, "default": "", "null": False, "primary_key": key})


TABLES: dict[tuple[str, str], dict[str, Kind]] = {
    ("ProcessSign", "process_sign"): {
        "name": _name(120),
        "kind": _name(8, key=False),
        "started_at": MOMENT,
        "seen_at": MOMENT,
        "requests_per_second": SECONDS,
        "connections_in_use": WHOLE,
        "connections_at_most": WHOLE,
        "waiting_for_connection": WHOLE,
    },
    ("JobRun", "job_run"): {
        "name": _name(60),
        "purpose": (Text, {"default": "", "null": False}),
        "due_at": MAYBE,
        "last_started_at": MAYBE,
        "last_succeeded_at": MAYBE,
        "last_failed_at": MAYBE,
        "last_seconds": (DoublePrecision, {"default": None, "null": True}),
        "runs": NUMBER,
        "failures": NUMBER,
        "seconds": SECONDS,
    },
    ("Tally", "tally"): {"name": _name(60), "number": NUMBER, "seconds": SECONDS},
    ("CapacitySample", "capacity_sample"): {
        "day": (Date, {"default": None, "null": False, "primary_key": True}),
        "people_at_most": WHOLE,
        "requests_per_second_at_most": SECONDS,
        "communications": NUMBER,
        "messages": NUMBER,
        "files": NUMBER,
        "file_bytes": NUMBER,
        "database_bytes": NUMBER,
        "counted_at": MAYBE,
    },
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)
    for (class_name, tablename), columns in TABLES.items():
        manager.add_table(class_name=class_name, tablename=tablename, schema=None, columns=None)
        for name, (kind, words) in columns.items():
            manager.add_column(
                table_class_name=class_name,
                tablename=tablename,
                column_name=name,
                db_column_name=name,
                column_class_name=kind.__name__,
                column_class=kind,
                params={**PLAIN, **words},
                schema=None,
            )
    return manager
