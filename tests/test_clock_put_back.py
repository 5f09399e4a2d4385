"""The worker's clock put back: jobs that the queue holds for times far off come at their own time again."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from croniter import croniter
from saq.worker import Worker

from jobs.clock_put_back import ClockPutBack
from jobs.timetable import WORDS
from jobs.worker import cron_jobs
from sdes.embedded.postgres import Urls
from sdes.kit import clock, db
from sdes.kit.queue import NudgingQueue, queue_at

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("pool")]

DAY = timedelta(days=1)


@pytest.fixture
async def queue(urls: Urls) -> AsyncIterator[NudgingQueue]:
    made = queue_at(urls.owner_url)
    await made.connect()
    yield made
    await made.disconnect()
    await db.fetch("DELETE FROM saq_jobs")


async def scheduled() -> dict[str, int]:
    return {row["key"]: row["scheduled"] for row in await db.fetch("SELECT key, scheduled FROM saq_jobs")}


async def put_off_by_a_day(queue: NudgingQueue) -> dict[str, int]:
    """The timetable and a nudge, as they stand in the queue after a worker whose clock was a day ahead."""
    worker: Any = Worker(queue=queue, functions=[], cron_jobs=cron_jobs(), cron_tz=clock.LONDON)
    await worker.schedule()
    await queue.enqueue("mail_deliver", key="mail_deliver")
    as_it_was = await scheduled()
    await db.fetch("UPDATE saq_jobs SET scheduled = scheduled + 86400, status = 'queued'")
    return as_it_was


async def test_at_its_start_a_worker_forgets_what_is_too_far_off(queue: NudgingQueue) -> None:
    await put_off_by_a_day(queue)
    await ClockPutBack().look(queue)
    assert await scheduled() == {}
    assert await queue.enqueue("mail_deliver", key="mail_deliver"), "a nudge is taken again"


async def test_what_is_scheduled_in_time_stays(queue: NudgingQueue) -> None:
    worker: Any = Worker(queue=queue, functions=[], cron_jobs=cron_jobs(), cron_tz=clock.LONDON)
    await worker.schedule()
    kept = await scheduled()
    assert len(kept) > 10
    await ClockPutBack().look(queue)
    assert await scheduled() == kept


async def test_it_is_seen_while_the_worker_works(queue: NudgingQueue) -> None:
    watch, now = ClockPutBack(), clock.now()
    with clock.at(now + DAY):
        await watch.look(queue)
    await put_off_by_a_day(queue)
    with clock.at(now + DAY):
        await watch.look(queue)
        assert len(await scheduled()) > 10, "it has not gone back yet"
    await watch.look(queue)
    assert await scheduled() == {}


async def test_what_is_under_way_is_left(queue: NudgingQueue) -> None:
    await put_off_by_a_day(queue)
    await db.fetch("UPDATE saq_jobs SET status = 'active' WHERE key = 'mail_deliver'")
    await ClockPutBack().look(queue)
    assert list(await scheduled()) == ["mail_deliver"]


def test_every_job_of_the_timetable_comes_within_a_day() -> None:
    """By which it is known what is too far off."""
    now = clock.local(clock.now())
    for entry in WORDS.values():
        if entry.cron:
            assert croniter(entry.cron, now).get_next() - now.timestamp() <= 86400 + 3600
