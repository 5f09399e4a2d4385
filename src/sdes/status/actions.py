"""Writes of what the service knows of itself, by its own processes: signs of life, runs of jobs, tallies, samples."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sdes.kit import clock, db, true_clock
from sdes.sdep.reports.months import KEPT_MONTHS, Month
from sdes.status.queries import ALIVE, KEPT
from sdes.workingdays.calendar import CLOSES, OPENS

COUNTED_EVERY = timedelta(hours=1)  # what grows; it takes PostgreSQL a second in a million communications

# The minute goes by the database's clock, so that machines whose clocks differ tell of the same one.
_SIGN = """
WITH sign AS (
    INSERT INTO process_sign (name, kind, started_at, seen_at, requests_per_second, connections_in_use,
                              connections_at_most, waiting_for_connection, clock_ahead)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (name) DO UPDATE SET
        seen_at = excluded.seen_at, requests_per_second = excluded.requests_per_second,
        connections_in_use = excluded.connections_in_use, connections_at_most = excluded.connections_at_most,
        waiting_for_connection = excluded.waiting_for_connection, clock_ahead = excluded.clock_ahead
)
INSERT INTO available_minute (minute)
SELECT present.minute FROM (SELECT date_trunc('minute', coalesce($11::timestamptz, now())) AS minute) AS present
 WHERE $10 AND ((present.minute AT TIME ZONE 'Europe/London')::time >= $12
                AND (present.minute AT TIME ZONE 'Europe/London')::time < $13
                OR NOT EXISTS (SELECT 1 FROM available_minute))
ON CONFLICT (minute) DO NOTHING
"""
_FORGET_MINUTES = """
DELETE FROM available_minute WHERE minute < $1 AND minute > (SELECT min(minute) FROM available_minute)
"""
_EXPECTED = """
INSERT INTO job_run (name, purpose, due_at, runs, failures, seconds)
SELECT e.name, e.purpose, e.due_at, 0, 0, 0
  FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS e (name, purpose, due_at)
ON CONFLICT (name) DO UPDATE SET purpose = excluded.purpose,
    due_at = CASE WHEN job_run.due_at < $4 AND excluded.due_at IS NOT NULL THEN job_run.due_at ELSE excluded.due_at END
"""
_RUN = """
UPDATE job_run SET
    due_at = coalesce($2::timestamptz, due_at),
    last_started_at = coalesce($3::timestamptz, last_started_at),
    last_succeeded_at = coalesce($4::timestamptz, last_succeeded_at),
    last_failed_at = coalesce($5::timestamptz, last_failed_at), last_seconds = coalesce($6::float8, last_seconds),
    runs = runs + $7, failures = failures + $8, seconds = seconds + $9
 WHERE name = $1
"""
_TALLY = """
INSERT INTO tally (name, number, seconds) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET number = tally.number + excluded.number, seconds = tally.seconds + excluded.seconds
"""
_SAMPLE = """
INSERT INTO capacity_sample (day, people_at_most, requests_per_second_at_most, communications, messages, files,
                             file_bytes, database_bytes)
VALUES ($1, (SELECT people FROM sdes_figures($2, $3, $3)),
        (SELECT coalesce(sum(requests_per_second), 0) FROM process_sign WHERE kind = 'web' AND seen_at > $4),
        0, 0, 0, 0, 0)
ON CONFLICT (day) DO UPDATE SET
    people_at_most = greatest(capacity_sample.people_at_most, excluded.people_at_most),
    requests_per_second_at_most =
        greatest(capacity_sample.requests_per_second_at_most, excluded.requests_per_second_at_most)
RETURNING counted_at
"""
_COUNT = """
UPDATE capacity_sample SET
    communications = (SELECT count(*) FROM communication), messages = (SELECT count(*) FROM message),
    (files, file_bytes) = (SELECT count(*), coalesce(sum(size), 0) FROM attachment WHERE wrapped_key IS NOT NULL),
    database_bytes = pg_database_size(current_database()), counted_at = $2
 WHERE day = $1
"""


@dataclass(frozen=True)
class Sign:
    """One process's sign of life; `kind` is web or worker. `serves` says of a web process that people are served."""

    name: str
    kind: str
    started_at: datetime
    requests_per_second: float = 0.0
    in_use: int = 0
    at_most: int = 0
    waiting: int = 0
    serves: bool = False


@dataclass
class Runs:
    """What became of one job's runs since it was told last. Durations are seconds."""

    due_at: datetime | None = None
    started_at: datetime | None = None
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    last_seconds: float | None = None
    runs: int = 0
    failures: int = 0
    seconds: float = 0.0


async def keep_sign(sign: Sign) -> None:
    """The process is alive now; how far its clock is away is found out with it. If it serves, the service is available
    in this minute (SD 3.2): however many processes say so, the first writes it, and the others change nothing."""
    true_clock.look()
    await true_clock.ahead()
    away = true_clock.noted().total_seconds()
    words = (sign.name, sign.kind, sign.started_at, clock.now(), sign.requests_per_second)
    busy = (sign.in_use, sign.at_most, sign.waiting, away)
    await db.fetch(_SIGN, *words, *busy, sign.serves, clock.held(), OPENS, CLOSES)


async def expect_jobs(expected: dict[str, tuple[str, datetime | None]]) -> None:
    """The timetable as the worker has it: by a job's name what it is for, and when it is due next, if it ever is by
    itself. Jobs that it no longer has are forgotten; one that was missed while no worker lived stays due."""
    names, now = list(expected), clock.now()
    purposes, dues = [why for why, _ in expected.values()], [due for _, due in expected.values()]
    async with db.transaction():
        await db.fetch("DELETE FROM job_run WHERE name <> ALL ($1::text[])", names)
        await db.fetch(_EXPECTED, names, purposes, dues, now)


async def keep_runs(runs: dict[str, Runs], counted: dict[str, tuple[int, float]]) -> None:
    """What became of jobs, by name, and what was counted meanwhile: all of it, or nothing."""
    async with db.transaction():
        for name, run in sorted(runs.items()):  # in one order, so that two workers cannot wait for each other
            moments = (run.due_at, run.started_at, run.succeeded_at, run.failed_at)
            await db.fetch(_RUN, name, *moments, run.last_seconds, run.runs, run.failures, run.seconds)
        for name, (number, seconds) in sorted(counted.items()):
            await db.fetch(_TALLY, name, number, seconds)


async def take_sample(idle: timedelta) -> None:
    """Today's measure: the most people and requests at a time so far, and each hour what there is altogether. Forgets
    measures of more than 400 days ago and processes that have been gone for a day."""
    now, today = clock.now(), clock.today()
    (row,) = await db.fetch(_SAMPLE, today, now, idle, now - ALIVE)
    if row["counted_at"] is None or row["counted_at"] <= now - COUNTED_EVERY:
        await db.fetch(_COUNT, today, now)
        await db.fetch("DELETE FROM capacity_sample WHERE day < $1", today - KEPT)
        await db.fetch("DELETE FROM process_sign WHERE seen_at < $1", now - timedelta(days=1))


async def forget_minutes() -> None:
    """Forgets minutes of months for which no monthly report is kept any more; the very first stays."""
    await db.fetch(_FORGET_MINUTES, Month.present().plus(-KEPT_MONTHS).since)
