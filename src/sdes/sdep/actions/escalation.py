"""Escalating: one level further up, with a message that says why (SD 11.1(e))."""

from dataclasses import replace
from uuid import UUID

from sdes.actor import Actor
from sdes.attachments.vault import Vault
from sdes.kit import clock
from sdes.kit.errors import Refused
from sdes.sdep.access import why_not_escalate
from sdes.sdep.actions import messages
from sdes.sdep.actions.conversation import SentAlready, sent_before
from sdes.sdep.actions.history import record
from sdes.sdep.actions.holding import held
from sdes.sdep.actions.levels import begin, response_due
from sdes.sdep.forms import Outgoing
from sdes.sdep.queries.details import communication
from sdes.sdep.tables import Communication, MessageKind, Side
from sdes.sdep.views import CommunicationView


async def escalate(
    actor: Actor, reference: str, draft_id: UUID, from_level: int, outgoing: Outgoing, vault: Vault
) -> int:
    """Raises the communication by one level, starts that level's time to respond, and gives the number of the message
    that says why. An archived one becomes active again (SD 14.1). The time is that of the rules it was sent under.

    `from_level` is the level that the actor saw: of two who escalate at once, one does, and the other is told who did.
    A draft sent before gives the same number, but `SentAlready` when something else was typed since. `NotFound` for
    what is not the actor's, `Refused` for what they may not escalate now.
    """
    view = await communication(actor, reference)
    try:
        if number := await sent_before(actor, reference, draft_id, MessageKind.ESCALATION, outgoing, vault):
            return number
    except SentAlready as told:
        raise SentAlready(f"{told} It is at level {view.level}{' already' if view.level > 1 else ''}.") from told
    view = await held(actor, view)
    now = clock.now()
    if view.side == Side.SENDER and view.level != from_level:
        raise Refused(_gone_on(view, from_level + 1))
    if why := why_not_escalate(actor, view, now):
        raise Refused(why)
    level = view.rules.level(view.level + 1)
    due = await response_due(actor, level, now)
    # The level first: whom the message is told to is asked of it.
    await Communication.update(
        {
            Communication.level: level.number,
            Communication.awaiting: view.recipient_company_id,
            Communication.due_at: due,
        }
    ).where(Communication.id == view.id)
    await begin(actor, view.id, level, now, due)
    raised = replace(view, level=level.number)
    number = await messages.add(actor, raised, draft_id, outgoing, now, MessageKind.ESCALATION)
    await record(actor, "sdep.communication.escalated", view, f"level {level.number}, {level.name}")
    if view.status == "archived":
        await record(actor, "sdep.communication.reactivated", view)
    return number


def _gone_on(view: CommunicationView, number: int) -> str:
    """Who has brought the communication to that level meanwhile."""
    if not 1 < number <= view.level:
        return f"It is at level {view.level}. Reload the page and try again."
    return f"{view.raised_by(number)} escalated it to level {number} already."
