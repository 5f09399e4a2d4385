"""A request whose sender has gone before anything was done for it is dropped: under load, most of those who wait."""

import asyncio
from typing import Any

from sdes.kit import pool
from sdes.kit.pool import Work

DROPPED = "is_dropped"  # in the request's state
_TASK, _WORK = "sdes.task", "sdes.work"


class Awaited:
    """ASGI: knows the task of each request and whether it has begun, and ends it in silence when it was dropped."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope[_TASK], scope[_WORK] = asyncio.current_task(), Work()
        pool.work.set(scope[_WORK])
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not scope.get("state", {}).get(DROPPED):
                raise


def sender_has_gone(scope: Any) -> None:
    """Drops the request if it waits for its first connection to the database: nothing has been done for it yet.

    What has begun goes on, whatever it waits for, since it may have made something true already that the rest is to
    follow; and a statement that runs is never broken off, since the database might break off the next one on that
    connection instead.
    """
    task = scope.get(_TASK)
    if task is not None and pool.waits(task) and not scope[_WORK].has_begun:
        scope["state"][DROPPED] = True
        task.cancel()
