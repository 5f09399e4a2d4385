"""The last backup as those who run the service are told of it: on the status page, and in measures (SD 7.2)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from sdes.kit import clock
from sdes.status.parts import Part, moment, size, spoken
from sdes.status.queries import LastBackup

_DO = "Take one with: sdes backup"


def backup_part(found: LastBackup, expected: timedelta) -> Part:
    """How old the last good backup is, and whether one has failed since; warns where it is older than `expected`."""
    name = "Backup"
    if found.whole_at is None:
        failed = f" One failed on {moment(found.failed_at)}: see its log." if found.failed_at else ""
        return Part(name, "bad" if failed else "warn", "None yet", f"There is no good backup.{failed} {_DO}")
    age = clock.now() - found.whole_at
    last = f"The last good backup is from {moment(found.whole_at)}, {size(found.size)}"
    if _is_after(found.failed_at, found.whole_at):
        return Part(name, "bad", "Failed", f"{last}. One since has failed: see its log.")
    if found.problem:
        return Part(name, "warn", "With a problem", f"{last}: {found.problem}")
    words = f"{spoken(age.total_seconds())} old"
    if age > expected:
        return Part(name, "warn", words, f"{last}; there should be one that is less than {_hours(expected)} old. {_DO}")
    return Part(name, "ok", words, f"{last}.")


def measured(found: LastBackup, expected: timedelta) -> Iterator[Metric]:
    """The same for Prometheus."""
    yield _gauge("expected_age_seconds", "How old the last good backup may be.", expected.total_seconds())
    yield _gauge("last_success_timestamp_seconds", "The last good backup; 0 for none.", _seconds(found.whole_at))
    yield _gauge("last_failure_timestamp_seconds", "The last that failed; 0 for none.", _seconds(found.failed_at))
    yield _gauge("bytes", "What the last good one takes with its files.", found.size)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"sdes_backup_{name}", words, value=value)


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at else 0


def _is_after(one: datetime | None, other: datetime) -> bool:
    return one is not None and one > other


def _hours(length: timedelta) -> str:
    return f"{length.total_seconds() / 3600:g} hours"
