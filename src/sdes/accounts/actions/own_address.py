"""One's own e-mail address: the link that verifies it, asked for again (SD 11.1(f))."""

from sdes import auditlog
from sdes.accounts import rate_limits
from sdes.accounts.actions.links import send_verification
from sdes.accounts.queries import own_address
from sdes.accounts.sessions import act_for
from sdes.actor import Actor
from sdes.kit import db
from sdes.kit.errors import Refused, TooMany


async def ask_for_verification(actor: Actor) -> None:
    """Sends the actor the link again. Refuses (409) an address that is verified already or is no person's mailbox, and
    (429) too many in an hour. Runs in its own transactions, so that what is counted stays counted."""
    async with db.transaction():
        await act_for(actor.company_id)
        address = await own_address(actor)
        if address.verified:
            raise Refused("Your e-mail address is verified already.")
        if address.is_proxy:
            raise Refused("Your address is marked as shared or no mailbox, so no notifications are sent to it.")
        may = await rate_limits.may_ask("verify", {f"person {actor.person_id}": rate_limits.MAILS_PER_ACCOUNT})
    if not may:
        raise TooMany("We have sent you several mails within an hour. Look among junk too, or ask again later.")
    async with db.transaction():
        await act_for(actor.company_id)
        await send_verification(actor.person_id or 0)
        await auditlog.record(
            actor,
            "accounts.address.verification-asked",
            subject=f"person {actor.person_id}",
            detail=f"{actor.name}: {address.email}",
            about_company=actor.company_id,
        )
