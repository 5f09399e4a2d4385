"""What programs are sent of communications: the shape of each body. Times are UTC."""

from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from sdes.kit import clock
from sdes.sdep.queries.changes import Changed, Deletion, Participant, SentMessage


class ParticipantMedia(Struct):
    """A company in the market role in which it sent or received."""

    company: str
    mpid: str
    role: str


class ItemMedia(Struct):
    """A data item as it was sent."""

    key: str
    label: str
    kind: str
    value: str


class OwnerMedia(Struct):
    """The person of your company who owns it."""

    id: int
    name: str


class CommunicationMedia(Struct, kw_only=True):
    """A communication as your company sees it."""

    id: Annotated[int, Meta(description="Never changes")]
    reference: Annotated[str, Meta(description="SC and eight digits; never changes", examples=["SC00000123"])]
    subject: str
    process_type: Annotated[str, Meta(description="Code of the process type", examples=["PT0103"])]
    process: str
    contact_type: str
    fuel: str
    level: int
    max_level: int
    sender: ParticipantMedia
    recipient: ParticipantMedia
    direction: Annotated[str, Meta(description="sent or received by your company, at its beginning")]
    status: Annotated[str, Meta(description="current or archived")]
    awaiting: Annotated[str | None, Meta(description="Whose response is due: us, them, or nobody's")]
    due_at: Annotated[datetime | None, Meta(description="Until when the response is due")]
    mpxn_type: Annotated[str, Meta(description="MPAN, MPRN, or empty")]
    mpxn: Annotated[str, Meta(description="The first metering point that it names, digits alone")]
    items: list[ItemMedia]
    message_count: int
    created_at: datetime
    last_message_at: datetime
    updated_at: Annotated[datetime, Meta(description="When what your company sees of it last changed")]
    archives_at: Annotated[date, Meta(description="London day on which it is archived if no message comes, or was")]
    deletes_at: Annotated[date, Meta(description="London day on which it is deleted for good if no message comes")]
    owner: OwnerMedia | None
    tags: Annotated[list[str], Meta(description="Your company's own")]


class AttachmentMedia(Struct):
    """A file of a message; its content is on the pages alone."""

    id: UUID
    name: str
    size: Annotated[int, Meta(description="Bytes")]
    state: Annotated[str, Meta(description="pending, clean or failed: its virus check")]


class MessageMedia(Struct, kw_only=True):
    """A message of a communication."""

    id: Annotated[int, Meta(description="Never changes")]
    number: Annotated[int, Meta(description="From 1 within the communication")]
    kind: Annotated[str, Meta(description="message or escalation")]
    level: int
    direction: Annotated[str, Meta(description="sent or received by your company")]
    sender: str
    sender_company: str
    sender_mpid: str
    sent_at: datetime
    text: str
    attachments: list[AttachmentMedia]


class WholeCommunicationMedia(CommunicationMedia, kw_only=True):
    """A communication with all its messages."""

    messages: list[MessageMedia]


CURSOR = "Send it as `cursor`, with the same other parameters, for the next page; null on the last"
UNTIL = "Everything before this moment has been told once `next_cursor` is null: ask next time since then"


class CommunicationsMedia(Struct):
    """A page of communications."""

    communications: list[CommunicationMedia]
    next_cursor: Annotated[str | None, Meta(description=CURSOR)]
    complete_until: Annotated[datetime, Meta(description=UNTIL)]


class DeletionMedia(Struct):
    """A communication that is no more."""

    id: int
    reference: str
    deleted_at: datetime


class DeletionsMedia(Struct):
    """A page of deletions."""

    deletions: list[DeletionMedia]
    next_cursor: Annotated[str | None, Meta(description=CURSOR)]
    complete_until: Annotated[datetime, Meta(description=UNTIL)]


def communication_media(one: Changed) -> CommunicationMedia:
    """A communication as programs are told of it."""
    return CommunicationMedia(**_words(one))


def whole_media(one: Changed, messages: list[SentMessage]) -> WholeCommunicationMedia:
    """The same with its messages."""
    return WholeCommunicationMedia(**_words(one), messages=[_message(message) for message in messages])


def deletion_media(one: Deletion) -> DeletionMedia:
    """A deletion as programs are told of it."""
    return DeletionMedia(one.communication, one.reference, one.deleted_at.astimezone(UTC))


def _words(one: Changed) -> dict[str, Any]:
    return {
        **{name: getattr(one, name) for name in ("id", "reference", "subject", "contact_type", "fuel", "tags")},
        **{name: getattr(one, name) for name in ("level", "max_level", "status", "awaiting", "message_count")},
        **{name: _utc(getattr(one, name)) for name in ("due_at", "created_at", "last_message_at")},
        "process_type": one.process_code,
        "process": one.process_title,
        "sender": _participant(one.sender),
        "recipient": _participant(one.recipient),
        "direction": _direction(is_sent=one.is_sent),
        "mpxn_type": one.mpxn[0],
        "mpxn": one.mpxn[1],
        "items": [ItemMedia(item["key"], item["label"], item["kind"], str(item["value"])) for item in one.items],
        "updated_at": _utc(one.changed_at),
        "archives_at": _london_day(one.archives_at),
        "deletes_at": _london_day(one.deletes_at),
        "owner": OwnerMedia(one.owner_id, one.owner or "") if one.owner_id else None,
    }


def _message(one: SentMessage) -> MessageMedia:
    same = ("id", "number", "kind", "level", "sender", "sender_company", "sender_mpid", "text")
    words: dict[str, Any] = {name: getattr(one, name) for name in same}
    return MessageMedia(
        **words,
        direction=_direction(is_sent=one.is_sent),
        sent_at=one.sent_at.astimezone(UTC),
        attachments=[AttachmentMedia(file.id, file.name, file.size, file.state) for file in one.files],
    )


def _participant(one: Participant) -> ParticipantMedia:
    return ParticipantMedia(one.company, one.mpid, one.role)


def _direction(*, is_sent: bool) -> str:
    return "sent" if is_sent else "received"


def _london_day(at: datetime) -> date:
    return clock.local(at).date()


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at else None
