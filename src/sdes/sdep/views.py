"""What readers of communications are given. Times are London time unless said otherwise."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sdes.attachments.queries import File
from sdes.sdep.rules import Rules
from sdes.sdep.ticks import Tick


@dataclass(frozen=True)
class Due:
    """When a response is due and how urgent that is: ok, soon (today), late.

    `text` is short, for a list; `title` and `detail` are for the clock beside the thread.
    """

    at: datetime
    text: str
    state: str
    title: str
    detail: str


@dataclass(frozen=True)
class Row:
    """One line of a list (SD 11.1(a))."""

    reference: str
    subject: str
    other_company: str
    process_title: str
    files: tuple[str, ...]
    created_at: datetime
    last_message_at: datetime
    message_count: int
    archives_at: datetime
    deletes_at: datetime | None
    level: int
    max_level: int
    direction: str
    owner: str | None
    owner_id: int | None
    is_unread: bool
    is_unread_by_company: bool
    due: Due | None
    alert: str

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.reference, self.last_message_at, self.message_count, self.due))

    @property
    def tick(self) -> Tick:
        """What its check box says."""
        return Tick(self.reference, self.message_count, self.owner_id)


@dataclass(frozen=True)
class Step:
    """One level of the ladder of escalation: done, now or later."""

    number: int
    name: str
    state: str
    when_text: str
    by: str = ""  # the person who brought it there


@dataclass(frozen=True)
class Item:
    """One bespoke data item as it was sent."""

    label: str
    value: str
    is_identifier: bool


@dataclass(frozen=True)
class CommunicationView:
    """One communication as one of its parties sees it (SD 11.1(b))."""

    id: int
    reference: str
    subject: str
    status: str
    process_type: int
    process_title: str
    fuel: str
    sender_company: str
    sender_company_id: int
    sender_mpid: str
    sender_role: str
    recipient_company: str
    recipient_company_id: int
    recipient_mpid: str
    recipient_role: str
    other_company: str
    side: str
    created_at: datetime
    last_message_at: datetime
    archives_at: datetime
    deletes_at: datetime | None
    message_count: int
    last_received: int  # number of the last message from the other side
    level: int
    max_level: int
    owner: str | None
    owner_id: int | None
    tags: list[str]
    alert: str
    due: Due | None
    levels: list[Step]
    items: list[Item]
    rules: Rules
    awaiting_company_id: int | None  # whose response is due
    due_at: datetime | None
    responded_at: datetime | None  # when the recipient answered at the present level
    read: int  # number of the last message that the reader has read, 0 for none
    visits: tuple[int, ...]  # the last visits (sessions) in which the reader looked at it

    @property
    def companies(self) -> tuple[int, int]:
        """Both parties' companies."""
        return self.sender_company_id, self.recipient_company_id

    def raised_by(self, number: int) -> str:
        """Who has brought it to a level that it has reached: the person, or else the company."""
        return next((step.by for step in self.levels if step.number == number), "") or self.sender_company


@dataclass(frozen=True)
class DeletedView:
    """What is left of a communication that was deleted: facts, nobody's words (SD 14.4)."""

    reference: str
    process_title: str
    fuel: str
    sender_company: str
    recipient_company: str
    created_at: datetime
    archived_at: datetime
    deleted_at: datetime
    message_count: int


@dataclass(frozen=True)
class SentFile:
    """A file of a message, with the address under which it may be asked for."""

    file: File
    message_number: int
    href: str

    @property
    def id(self) -> UUID:
        return self.file.id

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def size_text(self) -> str:
        return self.file.size_text

    @property
    def state(self) -> str:
        return self.file.state

    @property
    def reason(self) -> str | None:
        return self.file.reason or None


@dataclass(frozen=True)
class MessageView:
    """One message; `direction` is in or out as its reader sees it."""

    number: int
    sender_name: str
    sender_id: int | None
    sender_company: str
    sender_mpid: str
    direction: str
    level: int
    kind: str  # message or escalation
    sent_at: datetime
    text: str
    files: list[SentFile] = field(default_factory=list)

    @property
    def paragraphs(self) -> list[str]:
        """The text as its writer divided it, at empty lines."""
        return [part.strip("\n") for part in self.text.split("\n\n") if part.strip()] or [""]


@dataclass(frozen=True)
class DraftView:
    """What somebody has typed and not sent. `fields` are the form's, by name."""

    id: UUID
    communication_id: int | None
    reference: str | None
    subject: str
    fields: dict[str, str]
    updated_at: datetime
    files: list[File] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """What it becomes: message or escalation; an escalation's draft says from which level it was begun."""
        return "escalation" if "from_level" in self.fields else "message"


@dataclass(frozen=True)
class Sent:
    """The message that a draft has become, with the choices of its communication (ids) and the names of its files."""

    reference: str
    number: int
    kind: str  # message or escalation
    text: str
    subject: str
    process: int
    sender: int
    recipient: int
    items: list[dict[str, Any]]
    files: frozenset[str]
