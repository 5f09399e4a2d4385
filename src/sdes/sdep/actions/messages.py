"""One message on its way into a communication: stored, found by its words, told to both parties, notified of."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sdes.actor import Actor
from sdes.attachments import actions as attachments
from sdes.kit import db
from sdes.notifications import actions as notifications
from sdes.sdep.actions.drafts import take_files
from sdes.sdep.actions.tagging import tag_with_message
from sdes.sdep.forms import Outgoing
from sdes.sdep.search.terms import terms
from sdes.sdep.tables import Communication, Message, MessageAttachment, MessageKind
from sdes.sdep.views import CommunicationView


async def add(
    actor: Actor,
    view: CommunicationView,
    draft_id: UUID,
    outgoing: Outgoing,
    now: datetime,
    kind: MessageKind = MessageKind.MESSAGE,
) -> int:
    """Adds the message of a draft, with its files and its tag, and gives its number. An archived communication becomes
    active again, for both sides (SD 14.1). The caller holds the communication's row."""
    number = view.message_count + 1
    message = Message(
        communication=view.id,
        number=number,
        company=actor.company_id,
        company_name=actor.company_name,
        mpid=view.sender_mpid if view.side == "sender" else view.recipient_mpid,
        person=actor.person_id,
        person_name=actor.name,
        level=view.level,
        kind=kind.value,
        text=outgoing.text,
        sent_at=now,
        draft=draft_id,
    )
    stored = await Message.insert(message)
    await _attach(actor, view, stored[0]["id"], await take_files(actor, draft_id))
    await db.fetch("SELECT sdep_tell_parties($1, $2, $3)", view.id, number, now)
    await Communication.update(
        {
            Communication.message_count: number,
            Communication.last_message_at: max(now, view.last_message_at),  # the clock may have gone back
            Communication.archived_at: None,
        }
    ).where(Communication.id == view.id)
    heading = terms([view.reference, view.subject, *(item.value for item in view.items)])
    await db.fetch("SELECT sdep_index($1, $2, $3)", view.id, terms([outgoing.text]), heading)
    if outgoing.tag:
        await tag_with_message(actor, view, outgoing.tag)
    await db.fetch("SELECT sdep_notify($1, $2, $3)", view.id, number, now)
    await notifications.close(actor, view.reference, "Escalated" if kind == MessageKind.ESCALATION else "Answered")
    return number


async def _attach(actor: Actor, view: CommunicationView, message_id: int, files: Sequence[UUID]) -> None:
    if not files:
        return
    await attachments.send(actor, files, view.companies)
    await MessageAttachment.insert(
        *(MessageAttachment(communication=view.id, message=message_id, attachment=file) for file in files)
    )
