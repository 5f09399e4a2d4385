"""Signs of life of the jobs under way, so that what a killed worker held is soon taken up again."""

import asyncio
import logging
from typing import Any
from uuid import uuid4

from saq.job import Status

from jobs import signs
from jobs.timetable import WORDS
from sdes.kit import logs, true_clock
from sdes.status import tracing

log = logging.getLogger(__name__)

BEAT = 5.0  # seconds between two signs
SILENCE = 20  # seconds after which the queue counts a job as lost


async def begin(ctx: Any) -> None:
    """Before a job: gives it the time and the attempts that the timetable states (a nudge states none), and a pulse."""
    job, entry = ctx["job"], WORDS[ctx["job"].function]
    logs.name_what_follows(f"{entry.name} {uuid4().hex[:8]}")
    ctx["began"], ctx["span"] = signs.job_begins(entry.name), tracing.start_job(entry.name)
    await job.update(timeout=entry.timeout, retries=entry.attempts, heartbeat=SILENCE)
    if entry.goes_by_the_date:
        await true_clock.refuse_wrong_clock()
    ctx["pulse"] = asyncio.create_task(_beat(job))


async def end(ctx: Any) -> None:
    """After a job, however it ended. One that was cut off has not done what it was to do, though no error is told."""
    if pulse := ctx.get("pulse"):
        pulse.cancel()
    if "began" in ctx:
        is_well = ctx["job"].status is Status.COMPLETE
        signs.job_ends(ctx["job"].function, ctx["began"], is_well=is_well)
        tracing.end_job(ctx["span"], failed=not is_well)


async def _beat(job: Any) -> None:
    while True:
        await asyncio.sleep(BEAT)
        try:
            await job.update()
        except Exception as cause:  # the database may be away for a while; the job goes on
            log.warning("no sign of life of %s: %s", job.key, type(cause).__name__)
