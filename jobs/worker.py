"""The worker process: takes nudges from the queue and keeps the timetable."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any
from zoneinfo import ZoneInfo

from litestar_saq.base import CronJob, Worker

from jobs import pulse, signs
from jobs.clock_put_back import ClockPutBack
from jobs.timetable import TIMETABLE
from sdes import mail
from sdes.attachments.checking import refuse_foreign_key
from sdes.attachments.scanner import Scanner
from sdes.attachments.vault import open_vault
from sdes.kit import clock, db, keyring, logs, queue, restoring
from sdes.mail.smtp import Server, server_at
from sdes.settings import Settings, load
from sdes.status import tracing

AT_ONCE = 4


def work() -> None:
    """Works until it is told to stop; what is under way ends first."""
    settings = load()
    logs.begin(settings.log)
    if settings.otlp_url:
        tracing.begin(settings.otlp_url, "worker")
    try:
        asyncio.run(_work(settings))
    finally:
        tracing.end()


async def context(settings: Settings) -> dict[str, Any]:
    """What every job is given: the vault, the settings, and the scanner and the mail server if there are any."""
    scanner = Scanner(settings.clamd_socket) if settings.clamd_socket else None
    vault = open_vault(settings)
    keyring.use(vault.master)
    mail.use(settings.public_url)
    return {"vault": vault, "scanner": scanner, "settings": settings, "mail_server": _mail_server(settings)}


def _mail_server(settings: Settings) -> Server | None:
    if settings.smtp_url is None:
        return None
    return server_at(
        settings.smtp_url,
        sender=settings.mail_from,
        public_url=settings.public_url,
        certificates=settings.smtp_certificates,
    )


def cron_jobs() -> list[Any]:
    """The timetable as the queue takes it. One that a worker took and did not come to begin counts as lost as soon as
    one that it has begun."""
    return [
        CronJob(
            function=entry.job, cron=entry.cron, timeout=entry.timeout, retries=entry.attempts, heartbeat=pulse.SILENCE
        )
        for entry in TIMETABLE
        if entry.cron
    ]


class _Worker(Worker):
    """Stops as soon as the jobs under way have ended: what else it does sleeps for up to a minute at a time."""

    _upkeep: Sequence[asyncio.Task[None]] = ()

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._clock = ClockPutBack()

    async def upkeep(self) -> list[asyncio.Task[None]]:
        made = await super().upkeep()
        self._upkeep = made
        return made

    async def schedule(self, lock: int = 1) -> None:
        """As SAQ does, which would go by this machine's own clock, right or wrong."""
        await self._clock.look(self.queue)
        for entry in TIMETABLE:
            if due := entry.next_after(clock.now()):
                words = {"timeout": entry.timeout, "retries": entry.attempts, "heartbeat": pulse.SILENCE}
                await self.queue.enqueue_for(entry.name, due, **words)  # type: ignore[attr-defined]
        await self.queue.schedule(lock)

    async def stop(self) -> None:
        self.event.set()
        for task in self._upkeep:
            task.cancel()
        await super().stop()
        await self.queue.give_back()  # type: ignore[attr-defined]


async def _work(settings: Settings) -> None:
    assert settings.database_owner_url, "The worker needs DATABASE_OWNER_URL: the system's own jobs see every company."
    parts = await context(settings)
    nudges = queue.queue_at(settings.database_owner_url)
    life = AsyncExitStack()

    async def startup(ctx: Any) -> None:
        ctx.update(parts)
        await db.open_pool(settings.database_owner_url or "", size=AT_ONCE + 2)
        await restoring.refuse_half_restored()
        await refuse_foreign_key(parts["vault"])
        await life.enter_async_context(signs.telling())

    async def shutdown(ctx: Any) -> None:
        await life.aclose()
        await db.close_pool()

    worker = _Worker(
        queue=nudges,
        functions=[entry.job for entry in TIMETABLE],
        cron_jobs=cron_jobs(),
        cron_tz=ZoneInfo("Europe/London"),
        concurrency=AT_ONCE,
        startup=startup,
        shutdown=shutdown,
        before_process=pulse.begin,
        after_process=pulse.end,
        timers={"schedule": 1, "worker_info": 10, "sweep": 10, "abort": 1},  # seconds
        dequeue_timeout=1.0,  # seconds; who waits for a job for ever does not hear that it is to stop
        shutdown_grace_period_s=8,
    )
    await nudges.connect()
    try:
        await worker.start()
    finally:
        await nudges.disconnect()
