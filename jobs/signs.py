"""What the worker tells of itself every few seconds: that it lives, what its jobs came to, what it has counted."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from jobs.timetable import TIMETABLE, WORDS
from sdes.kit import clock, db, tally
from sdes.kit.errors import Unavailable
from sdes.status import signs
from sdes.status.actions import Runs, Sign, expect_jobs, keep_runs, keep_sign

_runs: dict[str, Runs] = {}


def job_begins(name: str) -> float:
    """Notes that a job begins; gives what `job_ends` is to be told."""
    run = _run(name)
    run.started_at = clock.now()
    run.due_at = WORDS[name].next_after(run.started_at)
    return time.monotonic()


def job_ends(name: str, began: float, *, is_well: bool) -> None:
    """Notes how a job ended that `job_begins` has told of."""
    run, seconds = _run(name), time.monotonic() - began
    run.runs += 1
    run.seconds += seconds
    run.last_seconds = seconds
    if is_well:
        run.succeeded_at = clock.now()
    else:
        run.failed_at = clock.now()
        run.failures += 1


async def tell() -> None:
    """Keeps what was noted since the last time; what cannot be kept now is told the next time."""
    runs, counted = dict(_runs), tally.take()
    _runs.clear()
    try:
        await keep_runs(runs, counted)
    except BaseException:
        tally.give_back(counted)
        for name, run in runs.items():
            _add(run, to=_runs.setdefault(name, Runs()))
        raise


@asynccontextmanager
async def telling() -> AsyncIterator[None]:
    """Tells of this worker and its jobs as long as the block lasts."""
    own = Sign(signs.name_of_process("worker"), "worker", clock.now())

    async def give() -> None:
        await keep_sign(own)
        await tell()

    await expect_jobs({entry.name: (entry.why, entry.next_after(clock.now())) for entry in TIMETABLE})
    await give()
    task = asyncio.create_task(signs.again_and_again(give))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        with suppress(*db.LOST, Unavailable):
            await tell()


def _run(name: str) -> Runs:
    return _runs.setdefault(name, Runs())


def _add(run: Runs, *, to: Runs) -> None:
    """What was noted of a job meanwhile is newer than `run`."""
    for name in ("due_at", "started_at", "succeeded_at", "failed_at", "last_seconds"):
        noted: Any = getattr(to, name)
        setattr(to, name, getattr(run, name) if noted is None else noted)
    to.runs, to.failures, to.seconds = to.runs + run.runs, to.failures + run.failures, to.seconds + run.seconds
