"""Holding a communication while it is changed: whoever comes second sees what the first has done."""

from sdes.actor import Actor
from sdes.sdep.queries.details import communication
from sdes.sdep.tables import Communication
from sdes.sdep.views import CommunicationView


async def held(actor: Actor, view: CommunicationView) -> CommunicationView:
    """The communication as it is once nobody else is changing it; until the end of the transaction nobody will."""
    # Not UPDATE: the draft's row refers to the communication, and two who reply at once would wait for each other.
    await Communication.select(Communication.id).where(Communication.id == view.id).lock_rows("NO KEY UPDATE")
    return await communication(actor, view.reference)
