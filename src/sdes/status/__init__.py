"""What is to be seen of the service while it runs: the status page, health, measures, the log of requests, spans.

A process gives signs of life (`ProcessSign`), by which the minutes are known in which the service was available
(`AvailableMinute`), the worker tells what became of its jobs (`JobRun`) and how much there is
(`CapacitySample`); what waits is asked when somebody looks.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sdes.settings import Settings
from sdes.status import scanning, signs
from sdes.status.readiness import Readiness
from sdes.status.routes import router
from sdes.status.scanning import banners
from sdes.status.watching import Watched

__all__ = ["Readiness", "Watched", "banners", "router", "watching"]


@asynccontextmanager
async def watching(settings: Settings, look: signs.Look) -> AsyncIterator[None]:
    """Looks at the virus scanner and gives this web process's signs of life, beside the requests; `look` finds out
    whether the process is ready."""
    tasks = [asyncio.create_task(scanning.watch(settings)), asyncio.create_task(signs.give_signs(look))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
