"""How slowly the body of a request may come: a connection is not held by whoever sends a byte now and then."""

import asyncio
from collections.abc import Callable
from typing import Any

SECONDS = 30.0  # in which as much as this has to come, or all the rest; a form on the slowest line comes whole
BYTES = 30_000


class Pace:
    """Of the body of one request, `cycle`, from its first piece on; `refuse` is called when it comes too slowly.

    What waits because we do not read counts for nothing: the sender could not send.
    """

    def __init__(self, cycle: Any, flow: Any, refuse: Callable[[], None]) -> None:
        self.cycle = cycle
        self._flow = flow
        self._refuse = refuse
        self._begin()

    def came(self, size: int) -> None:
        self._bytes += size
        self._was_held_up |= self._flow.read_paused

    def end(self) -> None:
        self._timer.cancel()

    def _begin(self) -> None:
        self._bytes = 0
        self._was_held_up = self._is_held_up()
        self._timer = asyncio.get_running_loop().call_later(SECONDS, self._look)

    def _look(self) -> None:
        if not self.cycle.more_body or self.cycle.response_complete or self.cycle.disconnected:
            return
        if self._bytes >= BYTES or self._was_held_up or self._is_held_up():
            self._begin()
        else:
            self._refuse()

    def _is_held_up(self) -> bool:
        return bool(self._flow.read_paused or self.cycle.waiting_for_100_continue)
