"""Which communications and drafts exist for whom, and what may be done with them now."""

from piccolo.columns.combination import WhereRaw

from sdes.accounts.roles import PORTAL_ROLES
from sdes.actor import Actor
from sdes.permissions import Permission


def visible_to(actor: Actor) -> WhereRaw:
    """Party rows `p` of the actor's company, of process types that the actor is assigned to (SD 11.1(a))."""
    return WhereRaw("p.company = {} AND p.process_type = ANY ({})", actor.company_id, list(actor.process_types))


def own_drafts(actor: Actor) -> WhereRaw:
    """A draft is its writer's alone: colleagues do not see it either."""
    return WhereRaw("draft.company = {} AND draft.person = {}", actor.company_id, actor.person_id)


def why_company_reads_only(actor: Actor) -> str:
    """Why nobody in the actor's company can send, though all read on; empty for a company that can send, and for one
    that never does. (SD 10.2)"""
    if not actor.may(Permission.MESSAGE_SEND):
        return ""
    ask = "Ask the Code Manager." if actor.is_master_admin else "Your Master Admin User can ask the Code Manager."
    if not actor.is_qualified:
        return f"Your company is not Qualified: you read on, and nothing can be sent. {ask}"
    if not PORTAL_ROLES & actor.market_roles:
        return f"Your company has no market role in effect today: you read on, and nothing can be sent. {ask}"
    return ""


def why_not_send(actor: Actor, process_type: int | None = None) -> str:
    """Why the actor can neither start communications nor answer them, in a process type or in any; empty when they
    can. (SD 10.2, 11.1(c), (d))"""
    if why := why_company_reads_only(actor):
        return why
    if not actor.may(Permission.MESSAGE_SEND):
        return "Only people of suppliers and distributors send messages."
    if process_type is not None and process_type not in actor.process_types:
        return "You cannot send in this process: you are no longer assigned to it."
    if not actor.assignments:
        return "You cannot send: you are not assigned to any process. Your Master Admin User assigns people."
    return ""


def may_send(actor: Actor) -> bool:
    """Whether the actor may start communications."""
    return not why_not_send(actor)


def may_reply(actor: Actor, process_type: int) -> bool:
    """Whether the actor may add a message to a communication of `process_type` that exists for them (SD 11.1(d))."""
    return not why_not_send(actor, process_type)
