"""One act on many communications: each by itself, each with what became of it; nothing is passed over in silence."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import asyncpg

from sdes.actor import Actor
from sdes.kit import db
from sdes.kit.errors import SdesError
from sdes.sdep.queries.details import communication
from sdes.sdep.ticks import Tick
from sdes.sdep.views import CommunicationView

log = logging.getLogger(__name__)

FAILED = "It could not be done, and is as it was. Try again."

Act = Callable[[CommunicationView, Tick], Awaitable[str]]


@dataclass(frozen=True)
class Outcome:
    """What became of one row; `subject` is empty where the communication does not exist for the actor."""

    reference: str
    subject: str
    is_done: bool
    text: str


async def each(actor: Actor, ticks: Iterable[Tick], act: Act) -> list[Outcome]:
    """Does `act` to each ticked row, which says what happened or refuses; gives the outcomes in the order of the ticks.

    A row that is refused, or that the database does not take, is left as it was, the others are kept. They are held in
    one order, whoever acts, so that two who act on the same rows at once wait for each other and not both.
    """
    in_order = list(ticks)
    found = {tick.reference: await _one(actor, tick, act) for tick in sorted(in_order, key=lambda one: one.reference)}
    return [found[tick.reference] for tick in in_order]


async def _one(actor: Actor, tick: Tick, act: Act) -> Outcome:
    subject = ""
    try:
        async with db.transaction():
            view = await communication(actor, tick.reference)
            subject = view.subject
            return Outcome(tick.reference, subject, is_done=True, text=await act(view, tick))
    except SdesError as refusal:
        return Outcome(tick.reference, subject, is_done=False, text=str(refusal))
    except db.LOST:
        raise
    except asyncpg.PostgresError as cause:  # its text can hold words of the communication, its kind cannot
        log.error("%s was not acted on: %s %s", tick.reference, type(cause).__name__, cause.sqlstate)
        return Outcome(tick.reference, subject, is_done=False, text=FAILED)
