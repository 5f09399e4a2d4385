"""Whose notifications somebody sees, and to whom they may be mailed (SD 11.1(f))."""

from piccolo.columns.combination import And, Where

from sdes.accounts.queries import OwnAddress
from sdes.actor import Actor
from sdes.notifications.tables import Notification


def own(actor: Actor) -> And | Where:
    """The actor's own notifications: nobody reads another's, not even a colleague."""
    return (Notification.company == actor.company_id) & (Notification.person == actor.person_id)


def why_no_mail(address: OwnAddress) -> str:
    """Why nothing is mailed to an address, and what to do about it; empty where it may be."""
    if address.is_proxy:
        return (
            "Your address is marked as shared or as no mailbox, so no notifications are sent to it."
            " Your Master Admin User can change that."
        )
    if not address.verified:
        return "Your address has not been verified yet. Open the link that we have mailed to you, or ask for another."
    return ""
