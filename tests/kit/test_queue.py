"""Nudges of the worker: sent after the commit, and nobody's answer waits long for one."""

import asyncio
import time
from typing import Any

import pytest

from sdes.kit import db, queue

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("pool")]


class Hanging:
    """A queue whose database does not answer."""

    async def enqueue(self, job: str, **words: Any) -> None:
        await asyncio.sleep(60)


async def test_a_queue_that_hangs_holds_no_answer_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PATIENCE", 0.05)
    queue.use(Hanging())  # type: ignore[arg-type]
    began = time.monotonic()
    try:
        async with db.transaction():
            queue.enqueue("attachments_sweep", key="a nudge")
    finally:
        queue.use(None)
    assert time.monotonic() - began < 5
