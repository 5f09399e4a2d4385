"""Sending and replying (SD 11.1(c), (d)). One message a draft, however often Send is pressed."""

import json
from datetime import datetime
from uuid import UUID

from sdes.actor import Actor
from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from sdes.kit.errors import Refused
from sdes.sdep.access import why_not_send
from sdes.sdep.actions import messages
from sdes.sdep.actions.drafts import drop_leftovers
from sdes.sdep.actions.history import record
from sdes.sdep.actions.holding import held
from sdes.sdep.actions.levels import begin, response_due
from sdes.sdep.forms import Outgoing
from sdes.sdep.queries.details import communication
from sdes.sdep.queries.drafts import file_names, sent_from
from sdes.sdep.sending import Choices
from sdes.sdep.tables import Communication, CommunicationLevel, MessageKind
from sdes.sdep.views import CommunicationView, Sent


class SentAlready(Refused):
    """The draft was sent before, and something else was typed in its page since."""

    @classmethod
    def of(cls, sent: Sent) -> "SentAlready":
        what = f"message {sent.number}" if sent.number > 1 else sent.reference
        return cls(f"This was sent already, as {what}.")


async def send(actor: Actor, draft_id: UUID, chosen: Choices, outgoing: Outgoing, vault: Vault) -> str:
    """Opens a communication with its first message and gives its reference; a draft sent before gives the same one, but
    `SentAlready` when something else was typed since.

    `chosen` must be complete. Refuses (409) a process type that the actor is not assigned to.
    """
    sender, process, recipient = chosen.sender, chosen.process, chosen.recipient
    if already := await sent_from(actor, draft_id):
        ids = tuple(one.id if one else None for one in (sender, process, recipient))
        is_same = (already.subject, already.text, already.items) == (outgoing.subject, outgoing.text, outgoing.items)
        is_same = is_same and ids == (already.sender, already.process, already.recipient)
        await _insist_on_same(actor, draft_id, already, is_same, vault)
        return already.reference
    if sender is None or process is None or recipient is None:
        raise Refused("Choose from whom, in which process and to whom you send.")
    if why := why_not_send(actor, process.id):
        raise Refused(why)
    now = clock.now()
    first = process.level(1)
    due = await response_due(actor, first, now)
    opened = await db.fetch(
        "SELECT * FROM sdep_open_communication($1, $2, $3, $4, $5, $6, $7)",
        process.id,
        sender.id,
        recipient.id,
        outgoing.subject,
        json.dumps(outgoing.items),
        now,
        due,
    )
    await begin(actor, opened[0]["communication_id"], first, now, due)
    view = await communication(actor, opened[0]["communication_reference"])
    await messages.add(actor, view, draft_id, outgoing, now)
    await record(actor, "sdep.communication.sent", view, f"Level 1, to {view.recipient_company}")
    return view.reference


async def reply(actor: Actor, reference: str, draft_id: UUID, outgoing: Outgoing, vault: Vault) -> int:
    """Adds a message and gives its number; an archived communication becomes active again (SD 14.1).

    A draft sent before gives the same number, but `SentAlready` when something else was typed since. `NotFound` for
    what is not the actor's, `Refused` for what they may not answer now.
    """
    if number := await sent_before(actor, reference, draft_id, MessageKind.MESSAGE, outgoing, vault):
        return number
    view = await communication(actor, reference)
    if why := why_not_send(actor, view.process_type):
        raise Refused(why)
    view = await held(actor, view)
    now = clock.now()
    number = await messages.add(actor, view, draft_id, outgoing, now)
    await _turn_the_clock(actor, view, now)
    await record(actor, "sdep.message.added", view, f"Message {number}, level {view.level}")
    if view.status == "archived":
        await record(actor, "sdep.communication.reactivated", view)
    return number


async def sent_before(
    actor: Actor, reference: str, draft_id: UUID, kind: MessageKind, outgoing: Outgoing, vault: Vault
) -> int:
    """The number of the message that the draft has become already, 0 for none; `SentAlready` when that is of another
    kind, or something else was typed since."""
    already = await sent_from(actor, draft_id)
    if already is None:
        return 0
    is_same = (already.reference, already.kind, already.text) == (reference, kind, outgoing.text)
    await _insist_on_same(actor, draft_id, already, is_same, vault)
    return already.number


async def refuse_if_sent(actor: Actor, draft_id: UUID) -> None:
    """Refuses (409) to go on with a draft that was sent already."""
    if already := await sent_from(actor, draft_id):
        raise SentAlready.of(already)


async def _insist_on_same(actor: Actor, draft_id: UUID, already: Sent, is_same: bool, vault: Vault) -> None:
    """A second send of the same message is no other message; of anything else, `SentAlready`."""
    if not is_same or await file_names(actor, draft_id) - already.files:
        raise SentAlready.of(already)
    await drop_leftovers(actor, draft_id, vault)


async def _turn_the_clock(actor: Actor, view: CommunicationView, now: datetime) -> None:
    """The recipient's message answers what was due; the sender's starts the clock again if none is running."""
    if view.side == "recipient":
        await Communication.update({Communication.awaiting: None, Communication.due_at: None}).where(
            Communication.id == view.id
        )
        await CommunicationLevel.update({CommunicationLevel.responded_at: now}).where(
            CommunicationLevel.communication == view.id,
            CommunicationLevel.number == view.level,
            CommunicationLevel.responded_at.is_null(),
        )
    elif view.awaiting_company_id is None:
        due = await response_due(actor, view.rules.level(view.level), now)
        await Communication.update(
            {Communication.awaiting: view.recipient_company_id, Communication.due_at: due}
        ).where(Communication.id == view.id)
