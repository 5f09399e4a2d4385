"""Holding a communication while it is changed: whoever comes second sees what the first has done."""

from collections.abc import Iterator
from contextlib import contextmanager

from asyncpg import ForeignKeyViolationError, InsufficientPrivilegeError

from sdes.actor import Actor
from sdes.kit.errors import Gone
from sdes.sdep.queries.details import communication
from sdes.sdep.tables import Communication
from sdes.sdep.views import CommunicationView


@contextmanager
def if_still_there() -> Iterator[None]:
    """Around the first row that refers to a communication: one that is being deleted just now is `Gone`."""
    try:
        yield
    except (ForeignKeyViolationError, InsufficientPrivilegeError) as gone:  # the second lock finds no party any more
        raise Gone("This communication has just been deleted, 30 days after it was archived.") from gone


async def held(actor: Actor, view: CommunicationView) -> CommunicationView:
    """The communication as it is once nobody else is changing it; until the end of the transaction nobody will."""
    # Not UPDATE: the draft's row refers to the communication, and two who reply at once would wait for each other.
    await Communication.select(Communication.id).where(Communication.id == view.id).lock_rows("NO KEY UPDATE")
    return await communication(actor, view.reference)
