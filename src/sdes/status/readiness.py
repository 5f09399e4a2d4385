"""Whether this process can serve: what a load balancer asks, kept for a moment so that asking costs nothing."""

import asyncio
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import asyncpg

from sdes.attachments.vault import Vault
from sdes.kit import db, keyring, true_clock
from sdes.kit.crypto import SealBroken
from sdes.kit.errors import Full, Unavailable
from sdes.status import measures, queries, scanning

KEPT = 2.0  # seconds
PATIENCE = 3.0  # seconds for each part to answer
MIGRATIONS = Path(__file__).parents[1] / "database" / "migrations"

Found = tuple[str, str]  # ok, degraded or failed; and why


@dataclass(frozen=True)
class Ready:
    """Whether requests may be sent here, and how each part is: `degraded` ones are missed, and served without."""

    is_ready: bool
    parts: dict[str, Found]

    @property
    def status(self) -> str:
        if not self.is_ready:
            return "not ready"
        return "degraded" if any(state != "ok" for state, _ in self.parts.values()) else "ready"


class Readiness:
    """What was found last. However many ask at once, one looks."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._found: tuple[float, Ready] | None = None

    async def now(self, vault: Vault) -> Ready:
        """As of two seconds ago at most."""
        async with self._lock:
            if self._found is None or time.monotonic() - self._found[0] > KEPT:
                self._found = (time.monotonic(), await look(vault))
            return self._found[1]


async def look(vault: Vault) -> Ready:
    """Looks at every part. Without database, store or keys nothing can be served."""
    database, store = await asyncio.gather(_database(), _store(vault))
    parts = {"database": database, "store": store, "keys": _keys()}
    is_ready = all(state != "failed" for state, _ in parts.values())
    scanner = scanning.part()
    is_wrong = true_clock.is_away(true_clock.noted())
    parts["clock"] = ("degraded", "The clock of this machine is wrong.") if is_wrong else ("ok", "Working")
    parts["scanner"] = ("degraded" if scanner.state == "bad" else "ok", scanner.words)
    return Ready(is_ready, parts)


@cache
def migration_of_the_code() -> str:
    """The last migration that this code knows."""
    return max(file.name[:4] for file in MIGRATIONS.glob("[0-9]*.py"))


async def _database() -> Found:
    try:
        async with asyncio.timeout(PATIENCE):
            had = await queries.migration()
    except TimeoutError:
        pool = measures.of_pool()
        if pool["at_most"] and pool["in_use"] >= pool["at_most"]:
            return "degraded", "Every connection is in use."  # busy: sending its requests elsewhere would be worse
        return "failed", "The database does not answer."
    except (*db.LOST, Unavailable):
        return "failed", "The database does not answer."
    except asyncpg.UndefinedFunctionError:
        had = ""
    if had < migration_of_the_code():  # a newer one is the next release's, which runs beside this one for a while
        return "failed", f"The database has not had migration {migration_of_the_code()}: run `sdes migrate`."
    return "ok", "Working"


async def _store(vault: Vault) -> Found:
    try:
        async with asyncio.timeout(PATIENCE):
            await vault.blobs.ping()
    except Full:
        return "degraded", "The store of files has no room for new ones."
    except (TimeoutError, Unavailable):
        return "failed", "The store of files does not answer."
    return "ok", "Working"


def _keys() -> Found:
    try:
        keyring.unseal("readiness", keyring.seal("readiness", b"opens"))
    except (AssertionError, SealBroken):
        return "failed", "The master key is not there."
    return "ok", "Working"
