"""A client may be told of a person after their session has timed out: refresh tokens, each used once."""

from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigSerial, Bytea, Column, ForeignKey, OnDelete, OnUpdate, Serial, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table

ID = "0023"
VERSION = "1.38.0"
DESCRIPTION = "offline sign-ins"


class Company(Table, tablename="company", schema=None):
    id = Serial(null=False, primary_key=True)


class OidcGrant(Table, tablename="oidc_grant", schema=None):
    id = BigSerial(null=False, primary_key=True)


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
Kind = tuple[type[Column], dict[str, Any]]

LATER: dict[str, Any] = {"default": None, "null": True}
TOKENS: dict[str, Kind] = {
    "id": (BigSerial, {"primary_key": True}),
    "company": (
        ForeignKey,
        {"references": Company, "on_delete": OnDelete.restrict, "on_update": OnUpdate.cascade, "target_column": None},
    ),
    "sign_in": (
        ForeignKey,
        {
            "references": OidcGrant,
            "on_delete": OnDelete.cascade,
            "on_update": OnUpdate.cascade,
            "target_column": None,
            "index": True,
        },
    ),
    "token_hash": (Bytea, {"default": b"", "unique": True}),
    "created_at": (Timestamptz, {"default": TimestamptzNow()}),
    "used_at": (Timestamptz, LATER),
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)
    manager.add_table(class_name="OidcRefreshToken", tablename="oidc_refresh_token", schema=None, columns=None)
    for name, kind in TOKENS.items():
        _add(manager, "OidcRefreshToken", "oidc_refresh_token", name, kind)
    _add(manager, "OidcGrant", "oidc_grant", "offline_until", (Timestamptz, LATER))
    _add(manager, "OidcGrant", "oidc_grant", "offline_mark", (Bytea, LATER))
    return manager


def _add(manager: MigrationManager, class_name: str, tablename: str, name: str, kind: Kind) -> None:
    manager.add_column(
        table_class_name=class_name,
        tablename=tablename,
        column_name=name,
        db_column_name=name,
        column_class_name=kind[0].__name__,
        column_class=kind[0],
        params={**PLAIN, **kind[1]},
        schema=None,
    )
