"""The six reports of a company (SD 12.1): their names, what they tell, their columns. One place for page and file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """`key` is the row's; `kind` is text, number, moment, mono (an identifier) or reference; `width` in characters."""

    key: str
    heading: str
    width: int
    kind: str = "text"


@dataclass(frozen=True)
class Report:
    """`key` is the last part of its address; `asks` are the parameters that it takes."""

    key: str
    title: str
    about: str
    asks: tuple[str, ...]
    columns: tuple[Column, ...]
    nothing: str  # what the page says where there are no rows

    @property
    def asks_for_days(self) -> bool:
        return "from" in self.asks


DAYS = ("from", "to")

_WHICH = (Column("reference", "Reference", 13, "reference"), Column("subject", "Subject", 40))
_LEVEL = Column("level", "Level", 7, "number")
_DUE = Column("due_at", "Response due", 18, "moment")
_RESPONDED = Column("responded_at", "Responded", 18, "moment")
_PROCESS = Column("process_name", "Process", 50)
_MORE = (
    Column("direction", "Direction", 11),
    Column("own_mpid", "MPID", 8, "mono"),
    Column("other_company", "Other company", 26),
    Column("other_mpid", "Their MPID", 11, "mono"),
    _PROCESS,
    Column("created_at", "Created", 18, "moment"),
    Column("last_message_at", "Last message", 18, "moment"),
    Column("owner", "Owner", 22),
    Column("sender", "Sent by", 22),
)

MESSAGES = Report(
    "messages",
    "Messages Sent and Received",
    "Every communication in which a message was sent or received in these days.",
    (*DAYS, "mpid", "process"),
    (
        *_WHICH,
        _LEVEL,
        Column("sent", "Messages sent", 14, "number"),
        Column("received", "Messages received", 18, "number"),
        _DUE,
        _RESPONDED,
        *_MORE,
    ),
    "No message was sent or received in these days.",
)
COUNTS = Report(
    "counts",
    "Messages Sent and Responded",
    "How many communications were sent and received in these days, and how many of them have had a response. With a"
    " person: those that this person sent, and those that this person was the first to answer.",
    (*DAYS, "mpid", "process", "person"),
    (
        Column("own_mpid", "MPID", 8, "mono"),
        _PROCESS,
        Column("sent", "Sent", 10, "number"),
        Column("sent_answered", "Sent: responded", 16, "number"),
        Column("received", "Received", 10, "number"),
        Column("received_answered", "Received: responded", 20, "number"),
    ),
    "No communication was sent or received in these days.",
)
LATE = Report(
    "late",
    "Exceeding Response Time",
    "Responses that were due in these days and came late or not at all, ours and the other company's. One line for each"
    " level at which that was so. With a person: those of ours that this person gave late.",
    (*DAYS, "mpid", "process", "person", "by"),
    (
        *_WHICH,
        _LEVEL,
        Column("due_from", "Due from", 26),
        _DUE,
        _RESPONDED,
        Column("answer", "Answer", 16),
        *_MORE,
    ),
    "Of the responses that were asked for, none was due in these days and came late or not at all.",
)
UNANSWERED = Report(
    "unanswered",
    "Messages Sent No Response",
    "Communications that were sent in these days and have had no response so far.",
    (*DAYS, "mpid", "process"),
    (*_WHICH, _LEVEL, _DUE, *_MORE),
    "Every communication that was sent in these days has had a response, or none was sent.",
)
_ASSIGNED = (
    _PROCESS,
    Column("levels", "Levels", 12),
    Column("mpids", "MPIDs", 16, "mono"),
)
OF_PERSON = Report(
    "person",
    "SDES User Process Types: one person",
    "The process types and MPIDs to which one person is assigned.",
    ("person",),
    (Column("person", "Person", 24), *_ASSIGNED),
    "This person is assigned to no process type.",
)
OF_COMPANY = Report(
    "company",
    "SDES User Process Types: the whole company",
    "The process types and MPIDs to which the people of your company are assigned.",
    ("mpid", "process"),
    (
        Column("person", "Person", 24),
        Column("email", "E-mail address", 32),
        *_ASSIGNED,
    ),
    "Nobody is assigned to a process type.",
)

REPORTS = {one.key: one for one in (MESSAGES, COUNTS, LATE, UNANSWERED, OF_PERSON, OF_COMPANY)}
