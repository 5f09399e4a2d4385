"""The mark of a restore under way: while it stands, the database is no house to open."""

from sdes.kit import db

MARK = "sdes_restore"  # a schema beside the tables, so that no dump holds it and every login sees it

_STANDS = f"SELECT to_regnamespace('{MARK}') IS NOT NULL AS stands"


async def is_unfinished() -> bool:
    """Whether a restore into this database is under way, or was cut off."""
    return bool((await db.fetch(_STANDS))[0]["stands"])


async def refuse_half_restored() -> None:
    """Refuses (RuntimeError) to open a house that is only half restored."""
    if await is_unfinished():
        raise RuntimeError(
            "A restore of this database is under way, or was cut off. Run `sdes restore` with the same backup again; "
            "until it has finished, nothing may be served from it."
        )


async def set_mark() -> None:
    await db.fetch(f"CREATE SCHEMA IF NOT EXISTS {MARK}")


async def take_mark_away() -> None:
    await db.fetch(f"DROP SCHEMA {MARK}")
