"""Archiving by hand, which archives for the other party too (SD 11.1(b)vi, 14.2)."""

from sdes.actor import Actor
from sdes.kit import clock, true_clock
from sdes.kit.errors import Refused
from sdes.notifications.actions import close, read
from sdes.sdep.access import why_not_archive
from sdes.sdep.actions.history import record
from sdes.sdep.actions.holding import held
from sdes.sdep.tables import Communication
from sdes.sdep.views import CommunicationView


async def archive(actor: Actor, view: CommunicationView, seen: int) -> str:
    """Archives the communication for both parties and says so; what was to be told of it to the actor's colleagues is
    settled. `seen` is the number of the last message that the actor's page has shown.

    Refuses (409) when it is archived, and when a message has come that the actor has not seen. A response that is due
    stays due: it counts on with the next message. It is deleted so many days after the date that is kept here, so a
    clock that is known to be wrong archives nothing.
    """
    true_clock.refuse_noted_wrong()
    view = await held(actor, view)
    if why := why_not_archive(actor, view, seen):
        raise Refused(why)
    await Communication.update({Communication.archived_at: clock.now()}).where(Communication.id == view.id)
    await record(actor, "sdep.communication.archived", view)
    await read(actor, view.reference)
    await close(actor, view.reference, "Archived")
    return f"Archived, for {view.other_company} too."
