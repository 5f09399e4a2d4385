"""Whether a database can be reached before a command begins: what it says where that is not so."""

import asyncpg

from sdes.embedded.refusal import CannotStart


async def refuse_absent(url: str) -> None:
    """Refuses (CannotStart) to begin while the database at `url` takes nobody in; says why, never the address."""
    try:
        await (await asyncpg.connect(url, timeout=10)).close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, ValueError) as failure:
        why = str(failure) if isinstance(failure, asyncpg.PostgresError) else getattr(failure, "strerror", None)
        raise CannotStart(
            f"The database does not take us in ({why or type(failure).__name__}). "
            "See that it runs and that DATABASE_OWNER_URL is its address, then start again."
        ) from None
