"""Nudges of the worker: sent after the commit, and nobody's answer waits long for one."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from saq.job import Status
from saq.worker import Worker

from jobs import pulse
from sdes.embedded.postgres import Urls
from sdes.kit import clock, db, logs, queue

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("pool")]


KEY = "cron:mail_deliver"
WORDS = "The meter of 4 Mill Lane"


@pytest.fixture
async def nudging(urls: Urls) -> AsyncIterator[queue.NudgingQueue]:
    made = queue.queue_at(urls.owner_url)
    await made.connect()
    yield made
    await made.disconnect()
    await db.fetch("DELETE FROM saq_jobs")


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


async def test_of_an_error_the_queue_and_the_log_keep_the_kind_only(
    nudging: queue.NudgingQueue, caplog: pytest.LogCaptureFixture
) -> None:
    async def mail_deliver(_: Any) -> None:
        raise LookupError(WORDS)

    worker: Any = Worker(queue=nudging, functions=[("mail_deliver", mail_deliver)], dequeue_timeout=5)
    await nudging.enqueue("mail_deliver", key=KEY, retries=2)
    for status in ("queued", "failed"):  # tried again, given up
        assert await worker.process()
        (row,) = await db.fetch("SELECT job, status FROM saq_jobs WHERE key = $1", KEY)
        assert row["status"] == status
        assert WORDS.encode() not in row["job"]
        assert (await nudging.job(KEY)).error == "LookupError"  # type: ignore[union-attr]
    lines = [logs.JsonLines().format(record) for record in caplog.records if record.name == "saq"]
    assert len([line for line in lines if f"Error processing job mail_deliver ({KEY})" in line]) == 2
    assert WORDS not in "".join(lines)
    assert "Traceback" not in "".join(lines)


async def test_what_the_queue_says_itself_stays(nudging: queue.NudgingQueue) -> None:
    job = await nudging.enqueue("mail_deliver", key=KEY)
    assert job
    await nudging.retry(job, "given back")
    assert (await nudging.job(KEY)).error == "given back"  # type: ignore[union-attr]
    await nudging.finish(job, Status.ABORTED, error=f"Traceback\n{WORDS}")  # as it was written once
    assert (await nudging.job(KEY)).error == "failed"  # type: ignore[union-attr]


@pytest.mark.parametrize("is_cut_off", [True, False])
async def test_a_job_that_was_cut_off_is_told_as_no_good_run(
    is_cut_off: bool, nudging: queue.NudgingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bool] = []
    began = asyncio.Event()

    async def mail_deliver(_: Any) -> None:
        began.set()
        if is_cut_off:
            await asyncio.sleep(60)

    monkeypatch.setattr(pulse.signs, "job_ends", lambda *_, is_well: ended.append(is_well))
    worker: Any = Worker(
        queue=nudging,
        functions=[("mail_deliver", mail_deliver)],
        before_process=pulse.begin,
        after_process=pulse.end,
        dequeue_timeout=5,
    )
    await nudging.enqueue("mail_deliver", key=KEY)
    run = asyncio.create_task(worker.process())
    await began.wait()
    if is_cut_off:
        run.cancel()
    await run
    assert ended == [not is_cut_off]


async def test_of_a_sign_of_life_that_cannot_be_given_the_kind_of_error_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told = asyncio.Event()

    class Lost:
        key = KEY

        async def update(self) -> None:
            if caplog.records:
                told.set()
            raise LookupError(WORDS)

    monkeypatch.setattr(pulse, "BEAT", 0)
    beating = asyncio.create_task(pulse._beat(Lost()))
    await told.wait()
    beating.cancel()
    assert caplog.records[0].getMessage() == f"no sign of life of {KEY}: LookupError"


@pytest.mark.parametrize("beats", [False, True])
async def test_a_job_whose_signs_bear_a_time_to_come_is_taken_up_when_they_cease(
    beats: bool, nudging: queue.NudgingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker's clock was an hour ahead, and the worker is gone: nobody is to wait an hour for it."""
    await nudging.enqueue("mail_deliver", key=KEY, heartbeat=1, retries=2)
    job = await nudging.dequeue(timeout=5)
    assert job
    with monkeypatch.context() as ahead:
        ahead.setattr("saq.queue.base.now", lambda: int((time.time() + 3600) * 1000))
        await job.update(status=Status.ACTIVE)
        assert await nudging.sweep() == []
        for _ in range(3):
            await asyncio.sleep(0.5)
            if beats:
                await job.update()
                assert await nudging.sweep() == []
    assert await nudging.sweep() == ([] if beats else [KEY])
    (row,) = await db.fetch("SELECT status FROM saq_jobs WHERE key = $1", KEY)
    assert row["status"] == ("active" if beats else "queued")


async def test_the_queue_goes_by_our_clock_wherever_it_tells_a_time(nudging: queue.NudgingQueue) -> None:
    """Else a worker whose machine's clock is behind would take no nudge of others, and one ahead all their jobs."""
    tomorrow = clock.now() + timedelta(days=1)
    with clock.at(tomorrow):
        await nudging.enqueue("mail_deliver", key=KEY, heartbeat=20)
        (row,) = await db.fetch("SELECT scheduled FROM saq_jobs WHERE key = $1", KEY)
        assert abs(row["scheduled"] - tomorrow.timestamp()) < 5
        job = await nudging.dequeue(timeout=5)
        assert job, "what is due by our clock is taken"
        await job.update(status=Status.ACTIVE)
        assert abs(job.touched / 1000 - tomorrow.timestamp()) < 5
        assert not job.stuck
    with clock.at(tomorrow + timedelta(minutes=1)):
        assert job.stuck
