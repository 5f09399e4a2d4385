"""The queue between several workers: one of them takes up what was lost, and a time of the timetable comes once."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from saq.job import Job, Status

from jobs.pulse import SILENCE
from jobs.worker import cron_jobs
from sdes.embedded.postgres import Urls
from sdes.kit.queue import NudgingQueue, queue_at

pytestmark = pytest.mark.anyio

LOST = "cron:lost"
_END_IDLE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND state = 'idle' AND query LIKE '%pg_try_advisory%'
"""


@pytest.fixture
async def two(pool: None, urls: Urls) -> AsyncIterator[tuple[NudgingQueue, NudgingQueue]]:
    """The queues of two workers."""
    queues = queue_at(urls.owner_url), queue_at(urls.owner_url)
    for queue in queues:
        await queue.connect()
    yield queues
    for queue in queues:
        await queue.disconnect()
    with psycopg.connect(urls.owner_url) as connection:
        connection.execute("DELETE FROM saq_jobs")


async def test_of_two_workers_one_takes_up_what_a_third_has_lost(
    two: tuple[NudgingQueue, NudgingQueue], urls: Urls
) -> None:
    await asyncio.gather(*(queue.sweep(abort=0.1) for queue in two))
    with psycopg.connect(urls.owner_url, autocommit=True) as connection:
        connection.execute(_END_IDLE)  # as the pool does with every connection after an hour
    await asyncio.gather(*(queue.sweep(abort=0.1) for queue in two))
    await _lose(two[0])
    swept = await asyncio.gather(*(queue.sweep(abort=0.5) for queue in two))
    assert sorted(swept) == [[], [LOST]]
    (job,) = await two[0].jobs([LOST])
    assert job
    assert job.status is Status.QUEUED


async def test_a_time_that_one_worker_has_kept_does_not_come_again_for_one_whose_clock_is_late(
    two: tuple[NudgingQueue, NudgingQueue],
) -> None:
    ahead, late = two
    job = await ahead.enqueue("accounts_default_contacts", key="cron:at-ten", scheduled=1000)
    assert job
    assert await late.enqueue("accounts_default_contacts", key="cron:at-ten", scheduled=1000) is None, "it waits"
    await ahead.finish(job, Status.COMPLETE)
    assert await late.enqueue("accounts_default_contacts", key="cron:at-ten", scheduled=1000) is None, "it was kept"
    assert await late.enqueue("accounts_default_contacts", key="cron:at-ten", scheduled=1060), "the next time"


async def test_what_was_taken_and_not_begun_is_given_back(two: tuple[NudgingQueue, NudgingQueue]) -> None:
    stopping, other = two
    await other.enqueue("accounts_default_contacts", key="cron:taken", scheduled=1000)
    stopping._waiting = 1
    await stopping._dequeue()
    stopping._waiting = 0
    assert (await other.jobs(["cron:taken"]))[0].status is Status.ACTIVE
    await stopping.give_back()
    taken = await other.dequeue(timeout=2)
    assert taken
    assert taken.key == "cron:taken"


def test_what_was_taken_by_a_worker_that_died_before_it_began_is_lost_for_seconds_only() -> None:
    assert {job.heartbeat for job in cron_jobs()} == {SILENCE}


async def _lose(queue: NudgingQueue) -> None:
    """A worker has died long ago with a job in its hands."""
    job = await queue.enqueue("accounts_default_contacts", key=LOST, scheduled=1000, retries=3, heartbeat=SILENCE)
    assert isinstance(job, Job)
    job.started = job.touched = 1
    job.attempts = 1
    await queue._update(job, status=Status.ACTIVE)
