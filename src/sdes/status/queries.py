"""Reads of what the service knows of itself: its figures, processes, jobs and growth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.sdep.reports.months import Month
from sdes.status.availability import Availability, Span, by_month, hours_of
from sdes.workingdays.queries import calendar

PATIENCE = timedelta(minutes=5)  # the worker looks for what waits every minute
ALIVE = timedelta(seconds=30)  # a process writes a sign of life every few seconds
KEPT = timedelta(days=400)
SHOWN = 60  # days of growth, on the page

_LATE_FILES = """
SELECT count(*) AS waiting, count(*) FILTER (WHERE is_late) AS late, min(created_at) FILTER (WHERE is_late) AS oldest
  FROM (SELECT created_at, created_at < $2 AND (attempts > 0 OR next_attempt_at < $1) AS is_late
          FROM attachment WHERE state = 'pending') AS pending
"""
_BUSY = """
SELECT count(*) AS processes, coalesce(sum(requests_per_second), 0) AS requests_per_second,
       coalesce(sum(connections_in_use), 0) AS in_use, coalesce(sum(connections_at_most), 0) AS at_most,
       coalesce(sum(waiting_for_connection), 0) AS waiting
  FROM process_sign WHERE kind = 'web' AND seen_at BETWEEN $1 AND $2
"""
_CLOCKS = """
SELECT kind, split_part(name, ':', 2) AS machine, clock_ahead FROM process_sign WHERE seen_at BETWEEN $1 AND $2
"""
_JOBS = """
SELECT name, purpose, due_at, last_started_at, last_succeeded_at, last_failed_at, last_seconds, runs, failures, seconds
  FROM job_run ORDER BY name
"""
_SAMPLES = """
SELECT day, people_at_most, requests_per_second_at_most, communications, messages, files, file_bytes, database_bytes,
       counted_at
  FROM capacity_sample WHERE day >= $1 ORDER BY day
"""
_SINCE = """
SELECT min(minute) AS begun, date_trunc('minute', coalesce($1::timestamptz, now())) AS present FROM available_minute
"""
# Most days are whole, which a count tells at once; only the minutes of the others are put together.
_AWAY = """
WITH gappy AS MATERIALIZED (
    SELECT since, until FROM unnest($1::timestamptz[], $2::timestamptz[]) AS expected (since, until)
     WHERE (SELECT count(*) FROM available_minute WHERE minute >= since AND minute < until)
         < extract(epoch FROM until - since) / 60
)
SELECT lower(away) AS since, upper(away) AS until
  FROM unnest(
       (SELECT range_agg(tstzrange(since, until)) FROM gappy)
     - (SELECT coalesce(range_agg(tstzrange(minute, minute + interval '1 minute')), '{}')
          FROM gappy JOIN available_minute ON minute >= since AND minute < until)
  ) AS away ORDER BY away
"""
_BACKUP = """
SELECT whole.finished_at AS whole_at, coalesce(whole.size, 0) AS size, coalesce(whole.problem, '') AS problem,
       (SELECT max(finished_at) FROM backup WHERE problem <> '' AND size = 0) AS failed_at
  FROM (SELECT 1) one LEFT JOIN LATERAL (
       SELECT finished_at, size, problem FROM backup WHERE size > 0 ORDER BY finished_at DESC NULLS LAST LIMIT 1
  ) whole ON true
"""


@dataclass(frozen=True)
class Figures:
    """What is to be seen of all companies together. Ages are seconds since the oldest that waits, 0 for none."""

    sessions: int
    people: int
    jobs_waiting: int
    job_age: float
    files_pending: int
    files_late: int
    file_age: float
    mails_waiting: int
    mail_age: float
    notifications_waiting: int
    notification_age: float
    database_bytes: int


@dataclass(frozen=True)
class Late:
    """Files that wait for their check, and those of them that have waited for long, the oldest since `oldest`."""

    waiting: int
    late: int
    oldest: datetime | None


@dataclass(frozen=True)
class Busy:
    """How busy the web's processes are together, as they say themselves."""

    processes: int
    requests_per_second: float
    in_use: int  # connections to the database
    at_most: int
    waiting: int  # requests that wait for one


@dataclass(frozen=True)
class Workers:
    """How many workers are alive, and when one gave a sign of life last; None when none ever has."""

    alive: int
    seen_at: datetime | None


@dataclass(frozen=True)
class Clock:
    """How far the clock of a process that is alive is ahead of the database's, or was when it jumped."""

    name: str  # such as "the worker on a-machine"
    ahead: timedelta


@dataclass(frozen=True)
class Job:
    """A job of the timetable and how its last runs went. Durations are seconds."""

    name: str
    purpose: str
    due_at: datetime | None
    last_started_at: datetime | None
    last_succeeded_at: datetime | None
    last_failed_at: datetime | None
    last_seconds: float | None
    runs: int
    failures: int
    seconds: float


@dataclass(frozen=True)
class Sample:
    """One day's measure (SD 6.1, 6.2)."""

    day: date
    people_at_most: int
    requests_per_second_at_most: float
    communications: int
    messages: int
    files: int
    file_bytes: int
    database_bytes: int
    counted_at: datetime | None


@dataclass(frozen=True)
class LastBackup:
    """The last whole backup, of how many bytes and with what problem, if any; and when one failed last."""

    whole_at: datetime | None
    size: int
    problem: str
    failed_at: datetime | None


async def figures(idle: timedelta) -> Figures:
    """As of now; people count who were active within `idle`."""
    (row,) = await db.fetch("SELECT * FROM sdes_figures($1, $2, $3)", clock.now(), idle, PATIENCE)
    return Figures(**row)


async def late_files() -> Late:
    """Of those that the acting company may see. A file is late that has waited for minutes and that the
    worker has tried in vain or not come to in time; one that it is to leave alone for now is not."""
    now = clock.now()
    (row,) = await db.fetch(_LATE_FILES, now, now - PATIENCE)
    return Late(**row)


async def busy() -> Busy:
    """Of the processes that are alive."""
    now = clock.now()
    (row,) = await db.fetch(_BUSY, now - ALIVE, now + ALIVE)
    return Busy(**row)


async def workers() -> Workers:
    """The worker processes on all machines. A sign from the future is of a clock that was set back since."""
    now = clock.now()
    sql = "SELECT count(*) FILTER (WHERE seen_at BETWEEN $1 AND $2) AS alive, max(seen_at) AS seen_at FROM process_sign"
    (row,) = await db.fetch(f"{sql} WHERE kind = 'worker'", now - ALIVE, now + ALIVE)
    return Workers(**row)


async def clocks() -> list[Clock]:
    """Of the processes that are alive."""
    now, said = clock.now(), {"web": "the web application", "worker": "the worker"}
    rows = await db.fetch(_CLOCKS, now - ALIVE, now + ALIVE)
    return [Clock(f"{said[row['kind']]} on {row['machine']}", timedelta(seconds=row["clock_ahead"])) for row in rows]


async def jobs() -> list[Job]:
    """Every job that a worker has told of."""
    return [Job(**row) for row in await db.fetch(_JOBS)]


async def tallies() -> dict[str, tuple[int, float]]:
    """What is counted, by name: how often, and seconds altogether."""
    rows = await db.fetch("SELECT name, number, seconds FROM tally")
    return {row["name"]: (row["number"], row["seconds"]) for row in rows}


async def migration() -> str:
    """The last migration that the database has had, empty for none."""
    (row,) = await db.fetch("SELECT sdes_migration() AS name")
    return row["name"] or ""


async def last_backup() -> LastBackup:
    """As `sdes backup` has told."""
    (row,) = await db.fetch(_BACKUP)
    return LastBackup(**row)


async def samples(actor: Actor, days: int) -> list[Sample]:
    """Of the last `days` days, oldest first: for those who look after companies, nothing for anybody else."""
    return [Sample(**row) for row in await db.fetch(_SAMPLES, clock.today() - timedelta(days=days))]


async def availability(months: Sequence[Month]) -> list[Availability]:
    """Of these months, earliest first, as far as there was a service and operational hours have passed (SD 3.2): those
    of which nothing was expected are left out. What is past goes by the minutes that were kept, and by the calendar as
    it is now."""
    (row,) = await db.fetch(_SINCE, clock.held())
    if row["begun"] is None or not months:
        return []
    hours = hours_of(await calendar(), months, row["begun"], row["present"])
    if not hours:
        return []
    starts, ends = [one.since for one in hours], [one.until for one in hours]
    away = await db.fetch(_AWAY, starts, ends)
    outages = [Span(one["since"], one["until"]) for one in away]
    return by_month(months, hours, outages, clock.local(row["present"]).date())
