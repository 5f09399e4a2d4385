"""The measures as Prometheus reads them: those of this machine's web processes, and those of the whole service."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from sdes.kit import db
from sdes.kit.errors import Unavailable
from sdes.sdep.reports.months import Month
from sdes.status import backups, measures, queries, scanning
from sdes.status.availability import Availability

PATIENCE = 5.0  # seconds for the database to answer


async def text(idle: timedelta, backup_expected: timedelta) -> bytes:
    """All measures. Those of the whole service are asked of the database now, once, whatever process answers; while it
    does not answer they are left out, and `sdes_database_up` is 0."""
    measures.look_at_pool()
    whole = CollectorRegistry()
    whole.register(_Whole(await _service(idle, backup_expected)))
    return generate_latest(_of_this_machine()) + generate_latest(whole)


def _of_this_machine() -> CollectorRegistry:
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None:
        return measures.registry
    for file in Path(folder).glob("gauge_live*_*.db"):
        process = int(file.stem.rpartition("_")[2])
        if not _is_alive(process):  # nor has it requests under way any more, or connections
            mark_process_dead(process)  # type: ignore[no-untyped-call]
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        pass
    return True


async def _service(idle: timedelta, backup_expected: timedelta) -> list[Metric]:
    began = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE), db.transaction():
            found = [*_figures(await queries.figures(idle)), *_jobs(await queries.jobs())]
            found += [*_tallies(await queries.tallies()), *_processes(await queries.busy(), await queries.workers())]
            found += _availability(await queries.availability([Month.present()]))
            found.append(_clocks(await queries.clocks()))
            found += backups.measured(await queries.last_backup(), backup_expected)
    except (*db.LOST, Unavailable, TimeoutError):
        return [_gauge("database_up", "Whether the database answers.", 0)]
    found.append(_gauge("database_up", "Whether the database answers.", 1))
    found.append(_gauge("database_answer_seconds", "How long it took for these measures.", time.monotonic() - began))
    return found


def _figures(found: queries.Figures) -> Iterator[Metric]:
    yield _gauge("sessions_active", "Sessions active within the idle time.", found.sessions)
    yield _gauge("people_active", "People active within the idle time.", found.people)
    yield _gauge("queue_waiting", "Nudges to the worker that wait.", found.jobs_waiting)
    yield _gauge("queue_lag_seconds", "Age of the oldest of them.", found.job_age)
    yield _gauge("files_pending", "Files that wait for their virus check.", found.files_pending)
    yield _gauge("files_late", "Of them, tried in vain or not come to in minutes.", found.files_late)
    yield _gauge("file_pending_oldest_seconds", "Age of the oldest of them.", found.file_age)
    yield _gauge("mails_waiting", "Mails that wait to be sent.", found.mails_waiting)
    yield _gauge("mail_waiting_oldest_seconds", "Age of the oldest of them.", found.mail_age)
    yield _gauge("notifications_waiting", "Notifications not mailed yet, or not due.", found.notifications_waiting)
    yield _gauge("notification_waiting_oldest_seconds", "Age of the oldest of them.", found.notification_age)
    yield _gauge("database_bytes", "Size of the database.", found.database_bytes)


def _jobs(found: list[queries.Job]) -> Iterator[Metric]:
    gauges: dict[str, tuple[str, Callable[[queries.Job], float | None]]] = {
        "job_due_timestamp_seconds": ("When a job is due next.", lambda job: _at(job.due_at)),
        "job_last_success_timestamp_seconds": ("Its last good end.", lambda job: _at(job.last_succeeded_at)),
        "job_last_failure_timestamp_seconds": ("Its last failure.", lambda job: _at(job.last_failed_at)),
        "job_last_seconds": ("How long its last run took.", lambda job: job.last_seconds),
    }
    for name, (words, of) in gauges.items():
        family = GaugeMetricFamily(f"sdes_{name}", words, labels=["job"])
        for job in found:
            if (value := of(job)) is not None:
                family.add_metric([job.name], value)
        yield family
    for name, words in (("runs", "Runs that ended."), ("failures", "Runs that failed."), ("seconds", "Time in runs.")):
        counter = CounterMetricFamily(f"sdes_job_{name}", words, labels=["job"])
        for job in found:
            counter.add_metric([job.name], getattr(job, name))
        yield counter


def _tallies(found: dict[str, tuple[int, float]]) -> Iterator[Metric]:
    scans = CounterMetricFamily("sdes_scans", "Virus checks by outcome.", labels=["outcome"])
    seconds = CounterMetricFamily("sdes_scan_seconds", "Time in virus checks.", labels=["outcome"])
    for name, (number, took) in sorted(found.items()):
        what, _, outcome = name.partition(".")
        if what == "scan":
            scans.add_metric([outcome], number)
            seconds.add_metric([outcome], took)
    yield from (scans, seconds)


def _processes(busy: queries.Busy, workers: queries.Workers) -> Iterator[Metric]:
    alive = GaugeMetricFamily("sdes_processes", "Processes alive on all machines.", labels=["kind"])
    alive.add_metric(["web"], busy.processes)
    alive.add_metric(["worker"], workers.alive)
    yield alive
    if workers.seen_at:
        yield _gauge("worker_last_sign_timestamp_seconds", "The last sign of life.", _at(workers.seen_at) or 0)
    if (age := scanning.signature_age()) is not None:
        yield _gauge("scanner_signature_age_seconds", "Age of the virus signatures.", age.total_seconds())
    yield _gauge("scanner_up", "Whether the virus scanner answers.", float(scanning.part().state != "bad"))


def _clocks(found: list[queries.Clock]) -> Metric:
    family = GaugeMetricFamily("sdes_clock_ahead_seconds", "Of the database's clock, by process.", labels=["process"])
    worst = {one.name: one for one in sorted(found, key=lambda one: abs(one.ahead))}  # of several on one machine
    for one in worst.values():
        family.add_metric([one.name], one.ahead.total_seconds())
    return family


def _availability(found: list[Availability]) -> Iterator[Metric]:
    expected, available = sum(one.expected for one in found), sum(one.available for one in found)
    yield _gauge("month_operational_minutes", "Operational minutes of this month so far.", expected)
    yield _gauge("month_available_minutes", "Those in which the service was available.", available)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"sdes_{name}", words, value=value)


def _at(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


class _Whole(Collector):
    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        return self._found
