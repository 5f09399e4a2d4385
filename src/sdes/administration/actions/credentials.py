"""What an administrator does for somebody who cannot get in, or has not shown that an address is theirs (SD 2.6)."""

from sdes import auditlog
from sdes.accounts.actions import links, second_factor
from sdes.actor import Actor
from sdes.administration.access import why_not_changed, why_second_factor_stays, why_unverified
from sdes.administration.actions.assignments import lock_people
from sdes.administration.queries.people import person
from sdes.kit.errors import Refused


async def reset_second_factor(actor: Actor, person_id: int) -> None:
    """Takes every second factor of a person away who has lost theirs; they are told by e-mail."""
    await lock_people(actor)
    if why := why_second_factor_stays(actor, await person(actor, person_id)):
        raise Refused(why)
    await second_factor.reset(actor, person_id)


async def send_verification(actor: Actor, person_id: int) -> None:
    """Sends a person again the link by which they show that their address is theirs (SD 11.1(f))."""
    await lock_people(actor)
    one = await person(actor, person_id)
    if why := why_not_changed(actor, one) or why_unverified(one):
        raise Refused(why)
    await links.send_verification(person_id)
    await auditlog.record(
        actor,
        "administration.person.verification-sent",
        subject=f"person {person_id}",
        detail=f"{one.name} <{one.email}>",
        about_company=actor.company_id,
    )
