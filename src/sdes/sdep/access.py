"""Which communications and drafts exist for whom, and what may be done with them now."""

from piccolo.columns.combination import WhereRaw

from sdes.actor import Actor
from sdes.permissions import Permission


def visible_to(actor: Actor) -> WhereRaw:
    """Party rows `p` of the actor's company, of process types that the actor is assigned to (SD 11.1(a))."""
    return WhereRaw("p.company = {} AND p.process_type = ANY ({})", actor.company_id, list(actor.process_types))


def own_drafts(actor: Actor) -> WhereRaw:
    """A draft is its writer's alone: colleagues do not see it either."""
    return WhereRaw("draft.company = {} AND draft.person = {}", actor.company_id, actor.person_id)


def may_send(actor: Actor) -> bool:
    """Whether the actor may start communications: permission, Qualified company (SD 10.2), an assignment."""
    return actor.may(Permission.MESSAGE_SEND) and actor.is_qualified and bool(actor.assignments)


def may_reply(actor: Actor, process_type: int) -> bool:
    """Whether the actor may add a message to a communication of `process_type` that exists for them (SD 11.1(d))."""
    return may_send(actor) and process_type in actor.process_types
