"""The table of backups that were begun: what the status page tells of them."""

from piccolo.columns import BigInt, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from sdes.kit.db import DB


class Backup(Table, db=DB):
    """One run of `sdes backup`. States: under way or cut off (`finished_at` empty), failed (`problem` without `size`),
    whole; a whole one may have a `problem` too, such as files that the store has lost."""

    id = Serial(primary_key=True)
    name = Varchar(length=40)
    started_at = Timestamptz()
    finished_at = Timestamptz(null=True, default=None)
    size = BigInt(default=0)  # bytes of all that it needs, files that it shares with others included
    files = Integer(default=0)
    problem = Text(default="")
