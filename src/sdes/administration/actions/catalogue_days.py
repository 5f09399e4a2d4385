"""Changes whose day has come take effect: the catalogue's own job, for the Code Manager's company."""

import logging

from sdes.accounts.sessions import act_for
from sdes.actor import Actor
from sdes.administration.actions.catalogue import apply, note_problem
from sdes.administration.queries.catalogue import ChangeView, due_changes, keepers
from sdes.administration.queries.lapsing import for_company
from sdes.kit import db
from sdes.kit.errors import Refused

log = logging.getLogger(__name__)

UNKNOWN = "A fault of the service stood in the way. Ask the SDES Provider."


async def apply_due(actor: Actor) -> int:
    """Applies every change whose day has come, each by itself; gives how many. One that can no longer be applied keeps
    the reason, and is tried again. Runs any number of times, and for the second time does nothing."""
    assert actor.is_system
    company = await keepers(actor)
    if company is None:
        return 0
    acting = await for_company(actor, company)
    applied = 0
    for change in await due_changes(acting):
        applied += await _apply_one(acting, change)
    return applied


async def _apply_one(actor: Actor, change: ChangeView) -> bool:
    try:
        async with db.transaction():
            await act_for(actor.company_id)
            return await apply(actor, change)
    except Refused as refused:
        problem = str(refused)
    except Exception:  # one change does not keep the others waiting
        log.exception("the change %s of the catalogue was not applied", change.id)
        problem = UNKNOWN
    async with db.transaction():
        await act_for(actor.company_id)
        await note_problem(actor, change, problem)
    return False
