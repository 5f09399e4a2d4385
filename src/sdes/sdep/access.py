"""Which communications and drafts exist for whom, and what may be done with them now."""

from datetime import datetime

from piccolo.columns.combination import WhereRaw

from sdes.accounts.roles import PORTAL_ROLES
from sdes.actor import Actor
from sdes.permissions import Permission
from sdes.sdep.due import until_text
from sdes.sdep.filters import SavedFilterView
from sdes.sdep.tables import Side
from sdes.sdep.views import CommunicationView

VISIBLE = "p.company = {} AND p.process_type = ANY ({})"


def visible_to(actor: Actor) -> WhereRaw:
    """Party rows `p` of the actor's company, of process types that the actor is assigned to (SD 11.1(a))."""
    return WhereRaw(VISIBLE, actor.company_id, list(actor.process_types))


OF_COMPANY = "p.company = {}"


def reported_to(actor: Actor) -> WhereRaw:
    """Party rows `p` of the actor's company, whatever the process type: reports are of the whole company (SD 12.1)."""
    return WhereRaw(OF_COMPANY, actor.company_id)


def deleted_reported_to(actor: Actor) -> WhereRaw:
    """What is left (rows `d`) of deleted communications to which the actor's company was a party."""
    return WhereRaw("(d.companies[1] = {} OR d.companies[2] = {})", actor.company_id, actor.company_id)


def may_own(actor: Actor) -> WhereRaw:
    """People `p` of the actor's company who can own communications: of a process type that they are assigned to, at any
    level, which the query asks besides (SD 11.1(b)i)."""
    return WhereRaw("p.company = {} AND p.state = 'active'", actor.company_id)


def deleted_visible_to(actor: Actor) -> WhereRaw:
    """Deleted communications `d` that the actor could have seen (SD 13.1)."""
    return WhereRaw("{} = ANY (d.companies) AND d.process_type = ANY ({})", actor.company_id, list(actor.process_types))


OWN_DRAFTS = "draft.company = {} AND draft.person = {}"


def own_drafts(actor: Actor) -> WhereRaw:
    """A draft is its writer's alone: colleagues do not see it either."""
    return WhereRaw(OWN_DRAFTS, actor.company_id, actor.person_id)


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


def why_not_escalate(actor: Actor, view: CommunicationView, now: datetime) -> str:
    """Why the actor cannot raise the communication to its next level at `now`; empty when they can: it came from their
    company, has a level further up, and was responded to at its level, or not within the time for it (SD 11.1(e))."""
    if why := why_not_send(actor, view.process_type):
        return why
    if view.side != Side.SENDER:
        return f"Only {view.sender_company}, who sent it, can escalate it."
    if not view.rules.may_escalate:
        return "A communication of this kind is not escalated."
    if view.level >= view.max_level:
        return f"It is at the highest level, {view.rules.level(view.level).name}."
    if view.responded_at is None and view.due_at is not None and view.due_at > now:
        until = f"{view.recipient_company} has until {until_text(view.due_at)} to respond at level {view.level}"
        return f"{until}. You can escalate it then, or as soon as they have responded."
    return ""


def why_not_archive(actor: Actor, view: CommunicationView, seen: int) -> str:
    """Why the actor cannot archive what exists for them, `seen` being the number of the last message that they were
    shown; empty when they can, as everybody can who is assigned to its process (SD 11.1(b)vi)."""
    if view.status == "archived":
        return "It is archived already."
    if view.message_count > seen:
        return f"Message {view.message_count} has come since you opened the page. Read it before you archive."
    return ""


def why_not_change_filter(actor: Actor, saved: SavedFilterView) -> str:
    """Why the actor cannot rename, share or delete a saved filter that exists for them; empty when it is their own."""
    if saved.person_id == actor.person_id:
        return ""
    return f"Only {saved.person_name}, whose filter this is, can change or delete it."
