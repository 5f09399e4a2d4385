"""A clock that was put back: what the queue holds for times that are now far off is forgotten, and made anew in time.

The queue keeps one row a key. One that is scheduled for tomorrow, by a clock that was ahead, would hold back what is
due in the meantime: mails and virus checks would stand still for as long as the clock was ahead.
"""

import logging
import time
from datetime import datetime

from croniter import croniter
from psycopg.sql import SQL
from saq.queue.base import Queue
from saq.queue.postgres import PostgresQueue

from jobs.timetable import TIMETABLE
from sdes.kit import clock

log = logging.getLogger(__name__)

BACK = 5.0  # seconds; less is a clock that is being kept right
SOON = 60  # seconds; a nudge is scheduled for now

_FORGET = """
DELETE FROM {jobs} j WHERE j.queue = %(queue)s AND j.status NOT IN ('active', 'aborting') AND j.scheduled > coalesce(
    (SELECT c.due FROM unnest(%(keys)s::text[], %(due)s::bigint[]) AS c(key, due) WHERE c.key = j.key), %(soon)s)
"""


class ClockPutBack:
    """Looks whether the clock has gone back since it was last asked; at first it may have, while nobody looked."""

    def __init__(self) -> None:
        self._ahead: float | None = None  # of the clock that never goes back

    async def look(self, queue: Queue) -> None:
        """Puts the queue right if the clock has gone back."""
        ahead = clock.now().timestamp() - time.monotonic()
        has_gone_back = self._ahead is None or ahead < self._ahead - BACK
        if has_gone_back and isinstance(queue, PostgresQueue) and (forgotten := await _forget(queue, clock.now())):
            log.warning("the clock was put back: %s jobs for times that are far off are scheduled anew", forgotten)
        self._ahead = ahead


async def _forget(queue: PostgresQueue, now: datetime) -> int:
    """Forgets what is scheduled for later than it could be by the clock as it is; gives how many."""
    local = clock.local(now)
    due = {entry.name: int(croniter(entry.cron, local).get_next()) for entry in TIMETABLE if entry.cron}
    async with queue.pool.connection() as connection:
        done = await connection.execute(
            SQL(_FORGET).format(jobs=queue.jobs_table),
            {
                "queue": queue.name,
                "keys": [f"cron:{name}" for name in due],
                "due": [moment + 1 for moment in due.values()],
                "soon": int(now.timestamp()) + SOON,
            },
        )
    return done.rowcount
