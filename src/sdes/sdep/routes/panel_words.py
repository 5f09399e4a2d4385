"""The panels beside a communication in which its reader's company looks after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sdes.actor import Actor
from sdes.permissions import Permission
from sdes.sdep.queries.owners import Candidates, offered_owners
from sdes.sdep.views import CommunicationView


@dataclass(frozen=True)
class Handling:
    """How the actor's company looks after a communication: who could own it, what was typed, what is wrong with it, and
    what has just been done, to be said aloud."""

    is_allowed: bool
    people: Candidates
    tag: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    said: str = ""


async def handling(
    actor: Actor, view: CommunicationView, *, tag: str = "", errors: Mapping[str, str] | None = None, said: str = ""
) -> Handling:
    """The panels as they are; with what was typed before where something is wrong."""
    is_allowed = actor.may(Permission.COMMUNICATION_HANDLE)
    people = await offered_owners(actor, [view.process_type]) if is_allowed else Candidates()
    return Handling(is_allowed, people, tag, errors or {}, said)
