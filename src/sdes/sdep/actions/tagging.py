"""Search tags, which belong to one company: the other never learns of them (SD 11.1(b)v)."""

from collections.abc import Sequence

from sdes.actor import Actor
from sdes.kit import db
from sdes.kit.errors import Refused
from sdes.sdep.actions.history import record
from sdes.sdep.actions.holding import held
from sdes.sdep.search.terms import terms
from sdes.sdep.tables import CommunicationParty
from sdes.sdep.tags import same_tag, why_not_tag
from sdes.sdep.views import CommunicationView


async def add_tag(actor: Actor, view: CommunicationView, tag: str) -> str:
    """Adds a search tag of the actor's company and says so; `tag` is one that `forms.tag_from` let pass. Refuses (409)
    one that is there in whatever case, and one more than `MOST_TAGS`."""
    view = await held(actor, view)
    if why := why_not_tag(view.tags, tag):
        raise Refused(why)
    await set_tags(actor, view, [*view.tags, tag])
    await record(actor, "sdep.tag.added", view, audience=_own(actor))
    return f"Search tag {tag} added."


async def remove_tag(actor: Actor, view: CommunicationView, tag: str) -> str:
    """Takes a search tag away and says so. Refuses (409) one that is not there any more."""
    view = await held(actor, view)
    known = same_tag(view.tags, tag)
    if not known:
        raise Refused("It does not have that search tag.")
    await set_tags(actor, view, [one for one in view.tags if one != known])
    await record(actor, "sdep.tag.removed", view, audience=_own(actor))
    return f"Search tag {known} removed."


async def tag_with_message(actor: Actor, view: CommunicationView, tag: str) -> None:
    """Adds the search tag that came with a message, unless it is there; refuses (409) one more than `MOST_TAGS`. The
    caller holds the communication, and records the message."""
    if same_tag(view.tags, tag):
        return
    if why := why_not_tag(view.tags, tag):
        raise Refused(why)
    await set_tags(actor, view, [*view.tags, tag])


async def set_tags(actor: Actor, view: CommunicationView, tags: Sequence[str]) -> None:
    """Makes `tags` those of the actor's company, and the communication findable by them."""
    await CommunicationParty.update({CommunicationParty.tags: list(tags)}).where(
        CommunicationParty.communication == view.id, CommunicationParty.company == actor.company_id
    )
    await db.fetch("SELECT sdep_index_tags($1, $2)", view.id, terms(tags))


def _own(actor: Actor) -> list[int]:
    return [actor.company_id] if actor.company_id else []
