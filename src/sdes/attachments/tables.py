"""The table of attachments."""

from enum import StrEnum

from piccolo.columns import UUID, Array, BigInt, Boolean, Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from sdes.kit.db import DB


class State(StrEnum):
    PENDING = "pending"
    CLEAN = "clean"
    FAILED = "failed"


class Attachment(Table, db=DB):
    """A file, encrypted with its own key (SD 8.3), and what the virus check said of it (SD 8.4)."""

    id = UUID(primary_key=True)
    company = BigInt()  # whose file it is
    audience = Array(base_column=BigInt())  # the companies that may see it
    name = Varchar(length=200)
    size = BigInt()  # bytes of the file itself
    state = Varchar(length=8, default=State.PENDING.value)
    reason = Text(default="")  # why it failed, as a sentence
    blob = Varchar(length=80)
    key_id = Varchar(length=40)
    wrapped_key = Bytea(null=True, default=None)  # gone once the content is destroyed
    is_sent = Boolean(default=False)  # held by a message; otherwise by a draft
    created_at = Timestamptz()
    checked_at = Timestamptz(null=True, default=None)
    attempts = Integer(default=0)
    next_attempt_at = Timestamptz()
