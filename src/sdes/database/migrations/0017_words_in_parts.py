"""The words of a long communication are kept in parts: PostgreSQL takes 1 MB of them in one, and no more."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import SmallInt
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Unique

ID = "0017"
VERSION = "1.38.0"
DESCRIPTION = "words in parts"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)
    manager.add_column(
        table_class_name="CommunicationSearch",
        tablename="communication_search",
        column_name="part",
        db_column_name="part",
        column_class_name="SmallInt",
        column_class=SmallInt,
        params={
            "default": 1,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )
    manager.drop_constraint(
        table_class_name="CommunicationSearch",
        tablename="communication_search",
        constraint_name="one_search_a_company",
        schema=None,
    )
    manager.add_constraint(
        table_class_name="CommunicationSearch",
        tablename="communication_search",
        constraint_name="one_search_a_part",
        constraint_class=Unique,
        params={"columns": ["communication", "company", "part"], "nulls_distinct": True},
        schema=None,
    )
    return manager
