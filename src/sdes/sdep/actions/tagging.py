"""Search tags, which belong to one company (SD 11.1(b)v)."""

from collections.abc import Sequence

from sdes.actor import Actor
from sdes.kit import db
from sdes.sdep.search.terms import terms
from sdes.sdep.tables import CommunicationParty
from sdes.sdep.views import CommunicationView


async def set_tags(actor: Actor, view: CommunicationView, tags: Sequence[str]) -> None:
    """Makes `tags` those of the actor's company, and the communication findable by them."""
    await CommunicationParty.update({CommunicationParty.tags: list(tags)}).where(
        CommunicationParty.communication == view.id, CommunicationParty.company == actor.company_id
    )
    await db.fetch("SELECT sdep_index_tags($1, $2)", view.id, terms(tags))
