"""What the database tells while it is loaded: connections, the queue's lag, files that wait for their check."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import asyncpg

_LOOK = """
SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
       (SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND backend_type = 'client backend') AS active,
       (SELECT count(*) FROM saq_jobs WHERE status = 'queued' AND scheduled <= extract(epoch FROM now())) AS queued,
       (SELECT coalesce(max(extract(epoch FROM now()) - scheduled), 0) FROM saq_jobs
         WHERE status = 'queued' AND scheduled <= extract(epoch FROM now())) AS lag,
       (SELECT count(*) FROM attachment WHERE state = 'pending') AS pending,
       (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0) FROM attachment
         WHERE state = 'pending') AS oldest
"""
_SECONDS = 2.0


@dataclass
class Watch:
    """The most that was seen. `waiting` counts by second what wait events the active connections had."""

    url: str
    connections: int = 0
    active: int = 0
    queued: int = 0
    lag: float = 0.0
    pending: int = 0
    oldest: float = 0.0
    _asking: asyncpg.Connection | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self) -> dict[str, Any]:
        """How it is now."""
        async with self._turn:
            if self._asking is None:
                self._asking = await asyncpg.connect(self.url)
            found = dict(await self._asking.fetchrow(_LOOK))
        for name, value in found.items():
            setattr(self, name, max(getattr(self, name), float(value) if name in ("lag", "oldest") else value))
        return found

    async def keep_looking(self) -> None:
        while True:
            await asyncio.shield(self.look())
            await asyncio.sleep(_SECONDS)

    async def drained(self, patience: float) -> float | None:
        """Seconds until no file waits for its check any more; None where that is not so after `patience`."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while loop.time() - begun < patience:
            if (await self.look())["pending"] == 0:
                return loop.time() - begun
            await asyncio.sleep(0.5)
        return None

    async def close(self) -> None:
        if self._asking:
            await self._asking.close()
