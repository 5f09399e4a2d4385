"""The web process's sign of life: every few seconds, and how busy it is."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from sdes.kit import clock, db
from sdes.kit.errors import Unavailable
from sdes.status import measures
from sdes.status.actions import Sign, keep_sign

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds


def name_of_process(kind: str) -> str:
    """What this process is, where it runs, and its number there: in containers of one host both may be the first."""
    return f"{kind}:{socket.gethostname()}:{os.getpid()}"[:120]


async def give_signs() -> None:
    """Gives the web process's signs of life for ever."""
    began, since, answered = clock.now(), time.monotonic(), measures.answered()

    async def give() -> None:
        nonlocal since, answered
        now, number = time.monotonic(), measures.answered()
        rate = (number - answered) / max(now - since, 0.001)
        since, answered = now, number
        await keep_sign(_sign(began, rate))

    await _once(give)
    await again_and_again(give)


async def again_and_again(give: Callable[[], Awaitable[None]]) -> None:
    """Every few seconds, whatever becomes of it: the database may be away for a while."""
    while True:
        await asyncio.sleep(EVERY)
        await _once(give)


async def _once(give: Callable[[], Awaitable[None]]) -> None:
    try:
        await give()
    except (*db.LOST, Unavailable, TimeoutError) as cause:
        log.warning("no sign of life could be given: %s", type(cause).__name__)
    except Exception:  # whoever watches is not to be stopped by what it sees
        log.exception("no sign of life could be given")


def _sign(began: datetime, rate: float) -> Sign:
    found = measures.look_at_pool()
    return Sign(
        name_of_process("web"), "web", began, round(rate, 2), found["in_use"], found["at_most"], found["waiting"]
    )
