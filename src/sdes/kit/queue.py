"""The job queue: nudges to the worker, sent after the commit. What must happen is a row; a nudge may be lost."""

import asyncio
import logging
import sys
import time
from datetime import datetime
from typing import Any

from psycopg.sql import SQL
from saq import job, worker
from saq.job import Job, Status
from saq.queue import base, postgres
from saq.queue.base import Queue
from saq.queue.postgres import PostgresQueue

from sdes.kit import clock, db

log = logging.getLogger(__name__)

NAME = "default"
PATIENCE = 2.0  # seconds that an answer waits for a nudge to be taken; what is committed is swept for in any case

_ACTIVE = "SELECT key, job, status FROM {} WHERE queue = %s AND status IN ('active', 'aborting')"
_SWEEPER = "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))"


class _JobsByName(logging.Filter):
    """SAQ tells a job with all that belongs to it; its function and its key are enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            told = (f"{one.function} ({one.key})" if isinstance(one, Job) else one for one in record.args)
            record.args = tuple(told)
        return True


logging.getLogger("saq").addFilter(_JobsByName("saq"))


def _milliseconds() -> int:
    return int(clock.now().timestamp() * 1000)


def _seconds() -> float:
    return clock.now().timestamp()


# All workers and all who nudge them go by one clock, even where a machine's is wrong: SAQ has no other way to be told.
for _module in (job, base, postgres, worker):
    for _name, _ours in (("now", _milliseconds), ("now_seconds", _seconds)):
        if hasattr(_module, _name):
            setattr(_module, _name, _ours)


class NudgingQueue(PostgresQueue):
    """SAQ's queue for a login that may not create tables: migrations have made them. Of an error it keeps what kind it
    is: its words may be somebody's, and every login reads the queue."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._signs: dict[str, tuple[int, float]] = {}  # of each job under way: its last sign, and since when it is so

    async def init_db(self) -> None: ...

    async def retry(self, job: Job, error: str | None) -> None:
        await super().retry(job, _kind(error))

    async def finish(
        self, job: Job, status: Status, *, result: Any = None, error: str | None = None, **words: Any
    ) -> None:
        await super().finish(job, status, result=result, error=_kind(error), **words)

    async def sweep(self, lock: int = 60, abort: float = 5.0) -> list[str]:
        """Takes up again what a killed worker had begun; of all workers one at a time does it.

        SAQ's own lock belongs to a connection, and the pool lets go of every connection in time: then two workers
        would sweep, and one would begin a second time what the other has just begun again.
        """
        async with self.pool.connection() as connection, connection.transaction():
            row = await (await connection.execute(_SWEEPER, (self.saq_lock_keyspace, self.name))).fetchone()
            if not (row and row[0]):
                return []
            self._has_sweep_lock = True
            return await super().sweep(lock, abort) + await self._sweep_silent()

    async def _sweep_silent(self) -> list[str]:
        """Takes up what has given no sign for as long as it should, whatever time its signs bear: when the database's
        clock, too, was ahead and is put right, they are still to come."""
        async with self.pool.connection() as connection:
            rows = await (await connection.execute(SQL(_ACTIVE).format(self.jobs_table), (self.name,))).fetchall()
        now, before, silent = time.monotonic(), self._signs, []
        self._signs = {}
        for key, content, status in rows:
            job = self.deserialize(content, status)
            if job is None or not job.heartbeat:
                continue
            touched, since = before.get(key, (None, now))
            if touched == job.touched and now - since > job.heartbeat:
                silent.append(key)
                await (self.retry(job, "swept") if job.retryable else self.finish(job, Status.ABORTED, error="swept"))
            else:
                self._signs[key] = (job.touched, since if touched == job.touched else now)
        return silent

    async def enqueue_for(self, name: str, due: datetime, **words: Any) -> None:
        """Has a job of the timetable done when it is due, unless it waits already."""
        await self.enqueue(name, key=f"cron:{name}", scheduled=int(due.timestamp()), **words)

    async def give_back(self) -> None:
        """Has another worker do what this one has taken and not begun."""
        while not self._job_queue.empty():
            await self.retry(self._job_queue.get_nowait(), "given back")


def _kind(error: str | None) -> str | None:
    """What SAQ says itself, in a line ("swept"), stays; of the traceback of what is handled now the kind is left."""
    if error is None or "\n" not in error:
        return error
    cause = sys.exception()
    return type(cause).__name__ if cause else "failed"


_queue: list[Queue] = []


def queue_at(url: str, *, through_pooler: bool = False) -> NudgingQueue:
    """The queue in the database at `url`, with few connections: it carries nudges only. Behind a pooler nothing is
    prepared, as in `db.open_pool`; a worker is never behind one, since it listens."""
    made = NudgingQueue(url=url, name=NAME, min_size=1, max_size=4)
    if through_pooler:
        made.pool.kwargs = {"autocommit": True, "prepare_threshold": None}
    return made


def use(queue: Queue | None) -> None:
    """Sets the queue of this process; without one, nudges are dropped and the sweeps do the work."""
    _queue[:] = [queue] if queue else []


def enqueue(job: str, *, key: str, **words: Any) -> None:
    """Asks the worker for `job` once the open transaction is committed. One waiting job of a `key` is enough."""

    async def send() -> None:
        for queue in _queue:
            async with asyncio.timeout(PATIENCE):
                await queue.enqueue(job, key=key, **words)

    db.after_commit(send)
