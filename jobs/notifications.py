"""Jobs of notifications: mail about what nobody has looked at in time, and forgetting what is old."""

import logging
from typing import Any

from sdes.actor import Actor
from sdes.notifications import actions

log = logging.getLogger(__name__)


async def notifications_mail(ctx: dict[str, Any]) -> None:
    """Writes the mails that are due (SD 11.1(f)), those of quick processes within the minute (note 4)."""
    if written := await actions.mail_what_is_due(Actor.system("Notifications")):
        log.info("%s notification mails written", written)


async def notifications_forget(ctx: dict[str, Any]) -> None:
    """Drops notifications that were read and are more than 60 days old."""
    await actions.forget_old(Actor.system("Old notifications"))
