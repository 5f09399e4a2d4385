"""A request whose sender has gone before anything was done for it is dropped: under load, most of those who wait."""

import asyncio
from typing import Any

from sdes.kit import pool

DROPPED = "is_dropped"  # in the request's state
_TASK = "sdes.task"
_READS = ("GET", "HEAD")


class Awaited:
    """ASGI: knows the task of each request, and ends it in silence when it was dropped."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope[_TASK] = asyncio.current_task()
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not scope.get("state", {}).get(DROPPED):
                raise


def sender_has_gone(scope: Any) -> None:
    """Drops the request if it waits for a connection to the database and nothing has been done for it yet; one that
    only reads, at any time.

    What has begun goes on, as whoever sent it may have meant it; a statement that runs is never broken off, since the
    database might break off the next one on that connection instead.
    """
    task = scope.get(_TASK)
    if task is not None and pool.waits(task) and (scope["method"] in _READS or not _has_entered(scope)):
        scope["state"][DROPPED] = True
        task.cancel()


def _has_entered(scope: Any) -> bool:
    visit = scope["state"].get("visit")
    return visit is not None and visit.actor.company_id is not None
