"""Who may read which entries of the audit log."""

from piccolo.columns.combination import WhereRaw

from sdes.actor import Actor


def readable_by(actor: Actor) -> WhereRaw:
    """The entries whose audience names the actor's company; nobody else's, and none for nobody."""
    return WhereRaw("{} = ANY (audience)", actor.company_id)
