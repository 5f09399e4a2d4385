"""The job queue: nudges to the worker, sent after the commit. What must happen is a row; a nudge may be lost."""

import asyncio
import logging
import sys
from typing import Any

from saq.job import Job, Status
from saq.queue.base import Queue
from saq.queue.postgres import PostgresQueue

from sdes.kit import db

log = logging.getLogger(__name__)

NAME = "default"
PATIENCE = 2.0  # seconds that an answer waits for a nudge to be taken; what is committed is swept for in any case

_SWEEPER = "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))"


class _JobsByName(logging.Filter):
    """SAQ tells a job with all that belongs to it; its function and its key are enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            told = (f"{one.function} ({one.key})" if isinstance(one, Job) else one for one in record.args)
            record.args = tuple(told)
        return True


logging.getLogger("saq").addFilter(_JobsByName("saq"))


class NudgingQueue(PostgresQueue):
    """SAQ's queue for a login that may not create tables: migrations have made them. Of an error it keeps what kind it
    is: its words may be somebody's, and every login reads the queue."""

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
            return await super().sweep(lock, abort)

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


def queue_at(url: str) -> NudgingQueue:
    """The queue in the database at `url`, with few connections: it carries nudges only."""
    return NudgingQueue(url=url, name=NAME, min_size=1, max_size=4)


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
