"""Tables of what the service knows of itself: its processes, its jobs, what is counted, and how it grows. Nobody's."""

from piccolo.columns import BigInt, Date, DoublePrecision, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from sdes.kit.db import DB


class ProcessSign(Table, db=DB):
    """The last sign of life of one process, and how busy it is. Each writes its own row every few seconds."""

    name = Varchar(length=120, primary_key=True)  # kind:host:process id
    kind = Varchar(length=8)  # "web" or "worker"
    started_at = Timestamptz()
    seen_at = Timestamptz()
    requests_per_second = DoublePrecision(default=0.0)
    connections_in_use = Integer(default=0)  # of its pool to the database
    connections_at_most = Integer(default=0)
    waiting_for_connection = Integer(default=0)
    clock_ahead = DoublePrecision(default=0.0)  # seconds, of the database's clock; below zero when it is behind


class AvailableMinute(Table, db=DB):
    """A minute within 08:00 to 18:00 in which the service was seen to serve (SD 3.2). Those of other days than Working
    Days are there too: which days count is the calendar's to say when they are counted. The very first may lie at any
    time: it says since when there is a service."""

    minute = Timestamptz(primary_key=True, default=None)  # when it begins, by the database's clock


class JobRun(Table, db=DB):
    """One job of the timetable: what it is for, when it is expected, how its last runs went."""

    name = Varchar(length=60, primary_key=True)
    purpose = Text()
    due_at = Timestamptz(null=True, default=None)  # when it is to begin next; empty for what runs when asked
    last_started_at = Timestamptz(null=True, default=None)
    last_succeeded_at = Timestamptz(null=True, default=None)
    last_failed_at = Timestamptz(null=True, default=None)
    last_seconds = DoublePrecision(null=True, default=None)
    runs = BigInt(default=0)  # ended, well or not
    failures = BigInt(default=0)
    seconds = DoublePrecision(default=0.0)  # of all runs together


class Tally(Table, db=DB):
    """How often something has happened since the service was set up, and how long it has taken altogether."""

    name = Varchar(length=60, primary_key=True)  # what.outcome, such as scan.clean
    number = BigInt(default=0)
    seconds = DoublePrecision(default=0.0)


class CapacitySample(Table, db=DB):
    """One day's measure of how much the service carries (SD 6.1) and has grown to (SD 6.2)."""

    day = Date(primary_key=True, default=None)  # in London
    people_at_most = Integer(default=0)  # signed in and active at one time
    requests_per_second_at_most = DoublePrecision(default=0.0)
    communications = BigInt(default=0)
    messages = BigInt(default=0)
    files = BigInt(default=0)
    file_bytes = BigInt(default=0)
    database_bytes = BigInt(default=0)
    counted_at = Timestamptz(null=True, default=None)  # when the five above were
