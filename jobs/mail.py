"""Jobs of mail: sending what was written, nudged and swept, and forgetting what is old."""

import logging
from typing import Any

from sdes import auditlog
from sdes.actor import Actor
from sdes.kit import true_clock
from sdes.mail import demo, forgetting
from sdes.mail.delivery import deliver
from sdes.mail.message import Outgoing
from sdes.mail.queries import waiting

log = logging.getLogger(__name__)


async def mail_deliver(ctx: dict[str, Any]) -> None:
    """Sends what has just been written."""
    await _deliver(ctx)


async def mail_sweep(ctx: dict[str, Any]) -> None:
    """Sends every mail whose nudge was lost or that is to be tried again."""
    if not true_clock.is_away(true_clock.noted()):
        await forgetting.forget_unanswered()
    await _deliver(ctx)
    if not ctx["mail_server"] and (left := await waiting()).since:
        log.warning("%s mails wait since %s: no mail server is set up (SMTP_URL)", left.count, left.since)


async def mail_forget(ctx: dict[str, Any]) -> None:
    """Drops mails of more than 30 days ago."""
    await forgetting.forget_old()


async def _deliver(ctx: dict[str, Any]) -> None:
    """By the mail server, if there is one. The demo keeps its mails; any other service lets them wait for a server."""
    if ctx["mail_server"]:
        sent = await deliver(ctx["mail_server"], _tell)
    elif ctx["settings"].demo:
        sent = await demo.keep()
    else:
        return
    if sent:
        log.info("%s mails sent", sent)


async def _tell(mail: Outgoing, event: str, detail: str) -> None:
    """Has the company's MAU see that a mail will not arrive."""
    subject = f"person {mail.person_id}" if mail.person_id else f"mail {mail.id}"
    await auditlog.record(Actor.system("Mail"), event, subject=subject, about_company=mail.company_id, detail=detail)
