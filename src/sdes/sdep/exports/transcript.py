"""The transcript of one communication as a file (SD 11.1(b)vii)."""

from collections.abc import Iterable, Iterator

from sdes.sdep.views import CommunicationView, MessageView

TRANSCRIPT = (
    "Reference",
    "Subject",
    "Process type",
    "Fuel",
    "Status",
    "From",
    "From MPID",
    "To",
    "To MPID",
    "Data items",
    "Created",
    "Message",
    "Kind",
    "Level",
    "Direction",
    "Sender",
    "Sender company",
    "Sent",
    "Text",
    "Attachments",
)


def transcript(view: CommunicationView, messages: Iterable[MessageView]) -> Iterator[tuple[object, ...]]:
    """The heading and one row a message; times are London time with their offset."""
    yield TRANSCRIPT
    items = "; ".join(f"{item.label}: {item.value}" for item in view.items)
    for message in messages:
        yield (
            view.reference,
            view.subject,
            view.process_title,
            view.fuel,
            view.status,
            view.sender_company,
            view.sender_mpid,
            view.recipient_company,
            view.recipient_mpid,
            items,
            view.created_at.isoformat(timespec="seconds"),
            message.number,
            message.kind,
            message.level,
            "sent" if message.direction == "out" else "received",
            message.sender_name,
            message.sender_company,
            message.sent_at.isoformat(timespec="seconds"),
            message.text,
            "; ".join(f"{file.name} ({file.state})" for file in message.files),
        )
