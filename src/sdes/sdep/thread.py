"""The thread: messages and what happened between them, in one order; and the audit history in words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sdes.attachments.queries import File
from sdes.auditlog.queries import Entry
from sdes.catalogue.views import LevelView
from sdes.sdep.views import MessageView, SentFile

SNIPPET = 160  # characters

# How each event of the audit log is spoken of: action, icon, and what the thread says of it (None: nothing).
EVENTS: dict[str, tuple[str, str, str | None]] = {
    "sdep.communication.sent": ("Sent", "send", None),
    "sdep.message.added": ("Message added", "message-square", None),
    "sdep.communication.viewed": ("Viewed", "eye", None),
    "sdep.communication.escalated": ("Escalated", "trending-up", None),  # its message says so
    "sdep.communication.archived": ("Archived", "archive", "Archived by {who}"),
    "sdep.communication.deleted": ("Deleted", "trash-2", None),
    "sdep.communication.reactivated": ("Active again", "refresh-cw", "Active again with this message"),
    "sdep.owner.assigned": ("Owner", "user-check", "{who} made {detail} the owner"),
    "sdep.owner.taken": ("Owner", "user-check", "{who} took ownership"),
    "sdep.owner.released": ("Owner", "user-x", "{who} released it: nobody owns it"),
    "sdep.tag.added": ("Search tag added", "tag", "{who} added a search tag"),
    "sdep.tag.removed": ("Search tag removed", "tag", "{who} removed a search tag"),
    "sdep.transcript.downloaded": ("Transcript downloaded", "download", None),
    "sdep.transcript.printed": ("Opened for printing", "printer", None),
    "sdep.attachment.downloaded": ("Attachment downloaded", "download", None),
    "sdep.attachment.failed": ("Virus check failed", "shield-x", "{detail}"),
    "sdep.attachment.passed": ("Virus check passed", "shield-check", None),
}
_BY_THE_CLOCK = {"sdep.communication.archived": "Archived: no message for 30 days"}  # when nobody did it
_WARNINGS = frozenset({"sdep.attachment.failed"})


@dataclass(frozen=True)
class MessageEntry:
    """A message as the thread shows it."""

    message: MessageView
    is_new: bool
    is_open: bool
    is_focused: bool = False
    kind: str = "message"

    number = property(lambda self: self.message.number)
    sender_name = property(lambda self: self.message.sender_name)
    sender_id = property(lambda self: self.message.sender_id)
    sender_company = property(lambda self: self.message.sender_company)
    sender_mpid = property(lambda self: self.message.sender_mpid)
    direction = property(lambda self: self.message.direction)
    level = property(lambda self: self.message.level)
    is_escalation = property(lambda self: self.message.kind == "escalation")
    sent_at = property(lambda self: self.message.sent_at)
    paragraphs = property(lambda self: self.message.paragraphs)

    @property
    def files(self) -> list[SentFile]:
        return self.message.files

    @property
    def snippet(self) -> str:
        return " ".join(self.message.text[: 2 * SNIPPET].split())[:SNIPPET]


@dataclass(frozen=True)
class EventEntry:
    """Something that happened between two messages."""

    text: str
    at: datetime
    icon: str
    warn: bool
    kind: str = "event"


@dataclass(frozen=True)
class NewLine:
    """Where what is new to this reader begins."""

    kind: str = "new"


@dataclass(frozen=True)
class AuditRow:
    """One line of the audit history."""

    at: datetime
    who: str
    company: str
    action: str
    detail: str
    icon: str


@dataclass(frozen=True)
class Reply:
    """The form of a message: what it holds and what is wrong with it. With `raises_to` it escalates to that level."""

    draft_id: UUID
    text: str = ""
    tag: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    kept_files: list[File] = field(default_factory=list)
    saved_at: datetime | None = None
    raises_to: LevelView | None = None
    note: str = ""  # what is to be known before it is sent


ThreadEntry = MessageEntry | EventEntry | NewLine


def thread_entries(
    messages: list[MessageView], entries: Iterable[Entry], read: int, focused: int = 0
) -> list[ThreadEntry]:
    """The thread in the order of time, its messages in that of their numbers even if the clock has gone back between.
    Messages beyond number `read` that came from the other side are new; the last message is open, the others folded;
    `focused` is the number of the one just sent."""
    made: list[tuple[datetime, int, ThreadEntry]] = []
    latest = datetime.min.replace(tzinfo=UTC)
    for message in messages:
        is_new = message.direction == "in" and message.number > read
        is_open = message.number == len(messages) or bool(focused and message.number == focused)
        entry = MessageEntry(message, is_new, is_open, message.number == focused)
        latest = max(latest, message.sent_at)
        made.append((latest, 1, entry))
    names = {str(file.id): file.name for message in messages for file in message.files}
    made += [(event.at, 0, event) for event in _events(entries, names)]
    made.sort(key=lambda one: (one[0], one[1]))
    ordered = [entry for _, _, entry in made]
    first_new = next((n for n, entry in enumerate(ordered) if isinstance(entry, MessageEntry) and entry.is_new), None)
    if first_new:
        ordered.insert(first_new, NewLine())
    return ordered


def entries_after(entries: list[ThreadEntry], number: int) -> list[ThreadEntry]:
    """What comes in a thread after message `number`, without the line that says where news begins."""
    place = next((n for n, one in enumerate(entries) if isinstance(one, MessageEntry) and one.number == number), -1)
    return [one for one in entries[place + 1 :] if not isinstance(one, NewLine)]


def audit_rows(entries: Iterable[Entry], names: Mapping[str, str]) -> list[AuditRow]:
    """The audit history in words, in the order given; `names` are those of the files that are still there, by id."""
    rows = []
    for entry in entries:
        action, icon, _ = EVENTS.get(entry.event, (entry.event, "info", None))
        detail = _with_names(entry.detail, names)
        rows.append(AuditRow(entry.at, entry.person_name, entry.company_name, action, detail, icon))
    return rows


def _with_names(detail: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\{file:([0-9a-f-]+)\}", lambda mark: names.get(mark[1], "a file that is no longer there"), detail)


def _events(entries: Iterable[Entry], names: Mapping[str, str]) -> Iterator[EventEntry]:
    for entry in entries:
        _, icon, words = EVENTS.get(entry.event, ("", "", None))
        if words:
            words = words if entry.company_name else _BY_THE_CLOCK.get(entry.event, words)
            text = words.format(
                who=entry.person_name, company=entry.company_name, detail=_with_names(entry.detail, names)
            )
            yield EventEntry(text, entry.at, icon, entry.event in _WARNINGS)
