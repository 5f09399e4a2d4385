"""Jobs: named for good, limited in time and attempts, and known to the worker."""

import ast
import inspect
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from saq.job import CronJob, Status

import jobs.worker
from jobs import accounts, attachments, backup, catalogue, mail, notifications, pulse, sdep, status, timetable
from jobs.timetable import TIMETABLE
from sdes.settings import Settings
from tests.architecture.source import ROOT, SDES, modules, shown, tree

NO_FEATURES = {"__init__", "by_hand", "clock_put_back", "pulse", "signs", "timetable", "worker"}
MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (accounts, attachments, backup, catalogue, mail, notifications, sdep, status)
}


def test_every_module_of_jobs_is_looked_at() -> None:
    files = {file.stem for file in (ROOT / "jobs").glob("*.py")} - NO_FEATURES
    assert files == MODULES.keys(), "a new module of jobs: import it here and name it in MODULES"


def test_names_are_unique_and_say_feature_and_verb() -> None:
    """The queue knows a job by its bare name: of two of one name, the second silently replaces the first."""
    twice = [name for name, count in Counter(entry.name for entry in TIMETABLE).items() if count > 1]
    assert not twice, f"rename one of each: {twice}"
    for entry in TIMETABLE:
        feature = entry.job.__module__.removeprefix("jobs.")
        assert (SDES / feature).is_dir(), f"{entry.job.__module__} is named after no feature"
        words = entry.name.removeprefix(f"{feature}_")
        assert entry.name.startswith(f"{feature}_"), f"call {entry.name} {feature}_{entry.name}"
        assert words
        assert words.islower()


def test_every_job_is_in_the_timetable() -> None:
    written = {
        name
        for module in MODULES.values()
        for name, made in inspect.getmembers(module, inspect.iscoroutinefunction)
        if made.__module__ == module.__name__ and not name.startswith("_")
    }
    assert written == {entry.name for entry in TIMETABLE}, "give each job a line in jobs/timetable.py"


@pytest.mark.parametrize("entry", TIMETABLE, ids=lambda entry: entry.name)
def test_each_has_its_limits_and_a_reason(entry: timetable.Entry) -> None:
    assert 0 < entry.timeout <= 3600, "state how many seconds it may take, an hour at most"
    assert 0 < entry.attempts <= 10, "state how often it is tried"
    assert entry.why
    if entry.cron is not None:
        CronJob(function=entry.job, cron=entry.cron)  # refuses a line that cannot be read


def test_what_is_asked_for_is_in_the_timetable() -> None:
    known = {entry.name for entry in TIMETABLE}
    asked = [(file, call) for file in modules(SDES, ROOT / "jobs") for call in _requests(file)]
    assert asked
    for file, call in asked:
        where, name = f"{shown(file)}:{call.lineno}", call.args[0]
        assert isinstance(name, ast.Constant), f"{where}: name the job in plain text"
        assert name.value in known, f"{where}: there is no job {name.value!r} in jobs/timetable.py"


def _requests(file: Path) -> Iterator[ast.Call]:
    if file == SDES / "kit" / "queue.py":  # passes on what it is given
        return
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Call):
            called = node.func
            name = (
                called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
            )
            if name == "enqueue":
                yield node


@pytest.mark.usefixtures("pool")  # whose clock is asked
@pytest.mark.anyio
@pytest.mark.parametrize("entry", TIMETABLE, ids=lambda entry: entry.name)
async def test_a_job_that_is_asked_for_gets_its_limits_before_it_begins(entry: timetable.Entry) -> None:
    """SAQ's own limits, ten seconds and one attempt, hold for every job that comes without."""
    told: dict[str, int] = {}

    async def update(**words: int) -> None:
        told.update(words)

    ctx = {"job": SimpleNamespace(function=entry.name, update=update, status=Status.COMPLETE)}
    await pulse.begin(ctx)
    await pulse.end(ctx)
    assert (told["timeout"], told["retries"]) == (entry.timeout, entry.attempts)


@pytest.mark.anyio
async def test_the_worker_knows_every_job_and_keeps_london_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[str, Any] = {}

    async def nothing(*_: Any, **__: Any) -> None: ...

    def queue_at(_: str) -> SimpleNamespace:
        return SimpleNamespace(connect=nothing, disconnect=nothing)

    monkeypatch.setattr("jobs.worker.Worker.__init__", lambda self, **words: made.update(words))
    monkeypatch.setattr("jobs.worker.Worker.start", nothing)
    monkeypatch.setattr("jobs.worker.queue.queue_at", queue_at)
    await jobs.worker._work(Settings(home=settings.home, blob_url=settings.blob_url, database_owner_url="postgresql:"))
    assert made["functions"] == [entry.job for entry in TIMETABLE]
    assert made["before_process"] is pulse.begin
    assert str(made["cron_tz"]) == "Europe/London"
    scheduled = {job.function: (job.cron, job.timeout, job.retries) for job in made["cron_jobs"]}
    assert scheduled == {e.job: (e.cron, e.timeout, e.attempts) for e in TIMETABLE if e.cron}
