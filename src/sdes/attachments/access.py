"""Which attachments exist for whom, and what may be done with them now."""

from piccolo.columns.combination import WhereRaw

from sdes.actor import Actor
from sdes.attachments.tables import State


def visible_to(actor: Actor) -> WhereRaw:
    """Those whose audience names the actor's company."""
    return WhereRaw("{} = ANY (attachment.audience)", actor.company_id)


def may_download(state: str) -> bool:
    """Only what the virus check has passed (SD 8.4)."""
    return state == State.CLEAN


def why_not_sent(name: str, state: str, reason: str) -> str | None:
    """The sentence about a file that may not be sent since it has failed its virus check (SD 11.1(g)); else None."""
    if state != State.FAILED:
        return None
    return f"{name} failed its virus check, so it cannot be sent. {reason} Remove it and send again."
