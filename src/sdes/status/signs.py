"""The web process's sign of life: every few seconds, how busy it is, and whether it serves (SD 3.2)."""

import asyncio
import logging
import os
import socket
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime

from sdes.kit import clock, db
from sdes.kit.errors import Unavailable
from sdes.status import measures
from sdes.status.actions import Sign, keep_sign
from sdes.status.readiness import Ready

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds
LAST = 60.0  # seconds, whose answers tell whether people are served
FAULTY = 0.5  # of them may be faults of ours; assumed, the Service Definition gives no number
FEWEST = 5  # answers that tell anything

Look = Callable[[], Awaitable[Ready]]


def name_of_process(kind: str) -> str:
    """What this process is, where it runs, and its number there: in containers of one host both may be the first."""
    return f"{kind}:{socket.gethostname()}:{os.getpid()}"[:120]


async def give_signs(look: Look) -> None:
    """Gives the web process's signs of life for ever; `look` finds out whether it is ready."""
    signs = Signs(look)
    await _once(signs.give)
    await again_and_again(signs.give)


class Signs:
    """One web process's signs, each with what has happened since the one before."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._began = clock.now()
        self._since, self._answered = time.monotonic(), measures.answered()
        self._lately = Lately(self._since, *measures.peoples())

    async def give(self) -> None:
        """One sign. It serves while it is ready, and people are not mostly told of faults of ours."""
        now, number = time.monotonic(), measures.answered()
        rate = (number - self._answered) / max(now - self._since, 0.001)
        self._since, self._answered = now, number
        is_well = self._lately.is_well(now, *measures.peoples())
        await keep_sign(_sign(self._began, rate, serves=await self._is_ready() and is_well))

    async def _is_ready(self) -> bool:
        try:
            return (await self._look()).is_ready
        except Exception:  # a process that cannot even look is alive, and serves nobody
            log.exception("whether this process is ready could not be found out")
            return False


class Lately:
    """Whether most of the answers of the last minute were what people had asked for."""

    def __init__(self, now: float, answers: int, faults: int) -> None:
        """`now` in seconds of a clock that never goes back; so many answers by then, so many faults of ours of them."""
        self._seen = deque([(now, answers, faults)])

    def is_well(self, now: float, answers: int, faults: int) -> bool:
        """As of `now`, with so many altogether."""
        self._seen.append((now, answers, faults))
        while len(self._seen) > 1 and self._seen[1][0] <= now - LAST:
            self._seen.popleft()
        _, answers_before, faults_before = self._seen[0]
        lately = answers - answers_before
        return lately < FEWEST or faults - faults_before <= FAULTY * lately


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


def _sign(began: datetime, rate: float, *, serves: bool) -> Sign:
    found = measures.look_at_pool()
    busy = (found["in_use"], found["at_most"], found["waiting"])
    return Sign(name_of_process("web"), "web", began, round(rate, 2), *busy, serves)
