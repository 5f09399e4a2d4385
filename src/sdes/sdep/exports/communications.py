"""All communications of a company that have changed, a row for each message; written piece by piece."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from itertools import islice

from sdes.accounts.sessions import act_for
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.kit.spreadsheets import csv_lines
from sdes.sdep.queries import changes
from sdes.sdep.queries.changes import Changed, SentMessage

BATCH = 200  # communications

COLUMNS = (
    "Id",
    "Reference",
    "Subject",
    "Process code",
    "Process",
    "Contact type",
    "Fuel",
    "Level",
    "From",
    "From MPID",
    "To",
    "To MPID",
    "Status",
    "MPxN type",
    "MPxN",
    "Created",
    "Updated",
    "Archives",
    "Deletes",
    "Owner",
    "Own tags",
    "Message number",
    "Message id",
    "Kind",
    "Direction",
    "Sender",
    "Sender company",
    "Time",
    "Text",
    "Attachments",
)


async def communications_csv(actor: Actor, ids: list[int]) -> AsyncIterator[str]:
    """The communications as they are when their turn comes, each once; those deleted meanwhile are left out.

    Each batch is read in a transaction of its own: whoever takes the file may be slow, and holds no connection.
    """
    yield "".join(csv_lines([COLUMNS]))
    for first in range(0, len(ids), BATCH):
        async with db.transaction():
            await act_for(actor.company_id)
            found = await changes.communications(actor, ids[first : first + BATCH])
            messages = await changes.messages_of(actor, [one.id for one in found])
        rows = (row for one in found for row in _rows(one, messages.get(one.id, [])))
        yield "".join(islice(csv_lines(rows), 1, None))  # without a second mark of the file's encoding


def _rows(one: Changed, messages: list[SentMessage]) -> Iterator[tuple[object, ...]]:
    shared = (
        one.id,
        one.reference,
        one.subject,
        one.process_code,
        one.process_title,
        one.contact_type,
        one.fuel,
        one.level,
        one.sender.company,
        one.sender.mpid,
        one.recipient.company,
        one.recipient.mpid,
        one.status,
        *one.mpxn,
        _time(one.created_at),
        _time(one.changed_at),
        _day(one.archives_at),
        _day(one.deletes_at),
        one.owner or "",
        "; ".join(one.tags),
    )
    for message in messages:
        yield (
            *shared,
            message.number,
            message.id,
            message.kind,
            "sent" if message.is_sent else "received",
            message.sender,
            message.sender_company,
            _time(message.sent_at),
            message.text,
            "; ".join(f"{file.name} ({file.state})" for file in message.files),
        )


def _time(at: datetime) -> str:
    """London time with its offset."""
    return clock.local(at).isoformat(timespec="seconds")


def _day(at: datetime) -> str:
    """The day in London."""
    return clock.local(at).date().isoformat()
