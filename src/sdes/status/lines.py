"""The jobs of the timetable as lines of a table: what each is for, how it stands, when it ran."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sdes.kit import clock
from sdes.status.queries import PATIENCE, Job


@dataclass(frozen=True)
class Line:
    """One job; `state` is ok, warn, bad or empty. Where `due_at` is None, `due` says why there is no time to tell."""

    name: str
    purpose: str
    state: str
    words: str
    succeeded_at: datetime | None
    due_at: datetime | None
    due: str
    failures: int


def lines(jobs: Sequence[Job]) -> list[Line]:
    """What needs a look comes first, then by name."""
    order = {"bad": 0, "warn": 1}
    made = [_line(job) for job in jobs]
    return sorted(made, key=lambda line: (order.get(line.state, 2), line.name))


def _line(job: Job) -> Line:
    state, words = _state(job)
    due_at = job.due_at if job.due_at and job.due_at > clock.now() else None
    return Line(job.name, job.purpose, state, words, job.last_succeeded_at, due_at, _due(job), job.failures)


def _due(job: Job) -> str:
    if job.due_at is None:
        return "When asked"  # it has no time of its own
    return "Overdue" if job.due_at < clock.now() - PATIENCE else "Now"


def _state(job: Job) -> tuple[str, str]:
    if job.last_failed_at and not (job.last_succeeded_at and job.last_succeeded_at > job.last_failed_at):
        return "bad", "Failed"
    if job.due_at and job.due_at < clock.now() - PATIENCE:
        return "warn", "Missed"
    if job.last_succeeded_at is None:
        return "", "Not run yet"
    return "ok", "Done"
