"""The job queue: nudges to the worker, sent after the commit. What must happen is a row; a nudge may be lost."""

import logging
from typing import Any

from saq.queue.base import Queue
from saq.queue.postgres import PostgresQueue

from sdes.kit import db

log = logging.getLogger(__name__)

NAME = "default"


class NudgingQueue(PostgresQueue):
    """SAQ's queue for a login that may not create tables: migrations have made them."""

    async def init_db(self) -> None: ...


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
            await queue.enqueue(job, key=key, **words)

    db.after_commit(send)
