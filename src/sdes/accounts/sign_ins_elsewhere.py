"""Sign-ins at other services that outlast one's sessions: packages above this one keep them, and offer them here to be
shown and ended beside the sessions."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sdes.actor import Actor


@dataclass(frozen=True)
class SignInElsewhere:
    """One that outlasts its session; a POST to `closure`, a path of this site, ends it. Times are in London."""

    service: str
    since: datetime
    until: datetime
    closure: str


Held = Callable[[Actor], Awaitable[list[SignInElsewhere]]]
EndAll = Callable[[Actor], Awaitable[None]]

_offered: list[tuple[Held, EndAll]] = []


def offer(held: Held, end_all: EndAll) -> None:
    """Sets what gives the actor's own, and what ends them all; the application calls it once."""
    _offered[:] = [(held, end_all)]


async def sign_ins_elsewhere(actor: Actor) -> list[SignInElsewhere]:
    """The actor's own, the newest first; none where nothing was offered."""
    return await _offered[0][0](actor) if _offered else []


async def end_sign_ins_elsewhere(actor: Actor) -> None:
    """Ends all of the actor's own."""
    if _offered:
        await _offered[0][1](actor)
