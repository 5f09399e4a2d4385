"""Who of a company looks after a communication (SD 11.1(b)i). The other company is not told."""

from sdes.accounts.tables import Person
from sdes.actor import Actor
from sdes.kit import db
from sdes.kit.errors import Refused
from sdes.notifications.actions import tell
from sdes.notifications.tables import NotificationKind
from sdes.sdep.access import may_own
from sdes.sdep.actions.history import record
from sdes.sdep.actions.holding import held
from sdes.sdep.tables import CommunicationParty
from sdes.sdep.views import CommunicationView

# Nobody takes the person or the assignments away before this transaction ends; the trigger of whoever waits to do so
# finds what was written here.
_STAY_ASSIGNED = """
SELECT p.id FROM person p JOIN assignment a ON a.person = p.id
 WHERE {} AND p.id = {} AND a.process_type = {} FOR SHARE
"""


async def assign(actor: Actor, view: CommunicationView, person_id: int | None, seen: int | None) -> str:
    """Makes a person of the actor's company the owner, or nobody (None), and says so in a sentence.

    `seen` is who the owner was on the page that was pressed. Refuses (409) when somebody else has become the owner
    since, and a person who is not assigned to the process type at any level. The person is told, unless it is the
    actor.
    """
    view = await held(actor, view)
    if view.owner_id == person_id:
        return _so_already(actor, view)
    if view.owner_id not in (None, seen):
        raise Refused(f"{view.owner} has become its owner meanwhile. Reload the page to see the latest.")
    name = await _name_if_assigned(actor, view, person_id) if person_id is not None else ""
    await CommunicationParty.update({CommunicationParty.owner: person_id}).where(
        CommunicationParty.communication == view.id, CommunicationParty.company == actor.company_id
    )
    own = [actor.company_id] if actor.company_id else []
    if person_id is None:
        await record(actor, "sdep.owner.released", view, view.owner or "", audience=own)
        return "Nobody owns it now."
    if person_id == actor.person_id:
        await record(actor, "sdep.owner.taken", view, audience=own)
        return "You own it now."
    await record(actor, "sdep.owner.assigned", view, name, audience=own)
    await tell(actor, person_id, NotificationKind.OWNER, view.reference, view.subject, view.process_title, actor.name)
    return f"{name} owns it now, and is told."


def _so_already(actor: Actor, view: CommunicationView) -> str:
    if view.owner_id is None:
        return "Nobody owned it."
    return "You own it already." if view.owner_id == actor.person_id else f"{view.owner} owns it already."


async def _name_if_assigned(actor: Actor, view: CommunicationView, person_id: int) -> str:
    rows = await db.fetch("SELECT name FROM person WHERE id = $1 AND company = $2", person_id, actor.company_id)
    if not rows:
        raise Refused("There is no such person in your company.")
    held_fast = await Person.raw(_STAY_ASSIGNED, may_own(actor).querystring, person_id, view.process_type)
    if not held_fast:
        raise Refused(f"{rows[0]['name']} is not assigned to this process, so cannot own it. Choose somebody else.")
    return str(rows[0]["name"])
