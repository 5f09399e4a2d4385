"""What the page of one's own sessions is given of sign-ins at other services, and the address that ends one."""

from sdes.accounts.sign_ins_elsewhere import SignInElsewhere
from sdes.actor import Actor
from sdes.kit import clock
from sdes.single_sign_on.queries import own_offline_sign_ins


async def held_elsewhere(actor: Actor) -> list[SignInElsewhere]:
    """The actor's sign-ins at clients that may outlast their sessions, the newest first."""
    return [
        SignInElsewhere(
            service=one.service,
            since=clock.local(one.since),
            until=clock.local(one.until),
            closure=f"/account/sign-ins-elsewhere/{one.id}/closure",
        )
        for one in await own_offline_sign_ins(actor)
        if one.until
    ]
