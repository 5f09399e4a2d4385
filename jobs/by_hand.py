"""Jobs by hand: `sdes jobs list`, `sdes jobs run NAME [--at TIME]`, for operators, drills and tests."""

import logging
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime

from jobs import signs
from jobs.timetable import TIMETABLE, WORDS
from jobs.worker import context
from sdes.embedded.left_behind import as_it_runs
from sdes.kit import clock, logs, restoring, true_clock
from sdes.kit.errors import SdesError
from sdes.settings import load

log = logging.getLogger(__name__)


def lines() -> Iterator[str]:
    """Every job, when it runs (London time) and why."""
    for entry in TIMETABLE:
        yield f"{entry.name:24} {entry.cron or ('by hand' if entry.is_for_hands else 'when asked'):14} {entry.why}"


async def run(name: str, *, at: datetime | None = None) -> None:
    """Runs one job of the timetable now, or as at `at` (with its offset), with the pool open as the owner. What it does
    is told on standard error, like the worker's."""
    entry = WORDS.get(name)
    if entry is None or not (entry.cron or entry.is_for_hands):
        raise SdesError(f"There is no job “{name}” in the timetable: `sdes jobs list` shows them.")
    if at is not None and at.tzinfo is None:
        raise SdesError("Give the time with its offset, for example 2026-11-03T18:00+00:00.")
    await restoring.refuse_half_restored()
    settings = load()
    logs.begin(settings.log)
    if entry.goes_by_the_date:
        await true_clock.refuse_wrong_clock()
    began, is_well = signs.job_begins(name), False
    try:
        with clock.at(at) if at else nullcontext():
            log.info("%s as at %s", name, clock.local(clock.now()).isoformat(timespec="seconds"))
            await entry.job(await context(as_it_runs(settings)))
        is_well = True
    finally:
        signs.job_ends(name, began, is_well=is_well)
        await signs.tell()
