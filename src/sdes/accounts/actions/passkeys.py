"""Passkeys: challenges, each answered once and soon by the browser that asked, and a person's own keys."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sdes.accounts import passkeys, rate_limits
from sdes.accounts.actions.second_factor import (
    drop_recovery_codes_of_nothing,
    locked_person,
    record_own,
    recovery_codes_for_nobody_without,
    refuse_last_one,
    tell_of_change,
)
from sdes.accounts.passkeys import Answer, NotGenuine, Site
from sdes.accounts.queries import factors_of
from sdes.accounts.sessions import act_for
from sdes.accounts.tables import Passkey, PasskeyChallenge
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.kit.errors import NotFound, Refused, TooMany

LASTS = timedelta(minutes=5)
CHALLENGES_PER_ADDRESS = 1000  # an hour: a company's people may share one address, and all sign in at nine


async def begin(actor: Actor, browser: str, address: str, *, is_offer: bool = False) -> bytes:
    """A challenge that only this browser can answer, once; `browser` is what its forms are known by.

    Refuses (429) an address that asks for very many. An offer, which every sign-in page makes unasked, is counted for
    itself, so that it takes nothing from those who ask. Runs in its own transactions.
    """
    async with db.transaction():
        if not await rate_limits.may_ask("offer" if is_offer else "challenge", {address: CHALLENGES_PER_ADDRESS}):
            raise TooMany("Passkeys were asked for too often from your network. Try again later, or use your password.")
    challenge = secrets.token_bytes(32)
    async with db.transaction():
        now = clock.now()
        await PasskeyChallenge.delete().where(PasskeyChallenge.expires_at < now)
        await PasskeyChallenge.insert(PasskeyChallenge(challenge=_kept(browser, challenge), expires_at=now + LASTS))
    return challenge


async def take(actor: Actor, browser: str, answer: Answer) -> bytes:
    """The challenge that is answered, which is then used up, whatever becomes of the answer; NotGenuine where this
    browser was given no such challenge, or too long ago, or has answered it. Runs in a transaction of its own."""
    async with db.transaction():
        taken = (
            await PasskeyChallenge.delete()
            .where(PasskeyChallenge.challenge == _kept(browser, answer.challenge))
            .returning(PasskeyChallenge.expires_at)
        )
    if not taken or taken[0]["expires_at"] <= clock.now():
        raise NotGenuine("no challenge of this browser's")
    return answer.challenge


async def creation_options(actor: Actor, site: Site, challenge: bytes) -> str:
    """What the actor's browser makes a passkey from. Refuses (409) one too many."""
    if not (await factors_of(actor)).may_add_passkey:
        raise Refused("You have as many passkeys as can be kept. Remove one that you do not use any more.")
    return passkeys.creation_options(
        site,
        challenge,
        person_id=actor.person_id or 0,
        email=actor.email,
        name=actor.name,
        present=await own_credentials(actor),
    )


async def own_credentials(actor: Actor) -> list[bytes]:
    """The ids under which authenticators hold the actor's passkeys."""
    rows = await Passkey.select(Passkey.credential_id).where(Passkey.person == actor.person_id)
    return [bytes(row["credential_id"]) for row in rows]


async def add(actor: Actor, answer: Answer, challenge: bytes, site: Site, *, name: str, address: str) -> list[str]:
    """Keeps the passkey that the actor's authenticator has made. NotGenuine for an answer that proves nothing.

    Gives new recovery codes to somebody who has none, else an empty list. The open transaction must be of the
    actor's company.
    """
    made = passkeys.made(answer, challenge, site)
    await locked_person(actor, actor.person_id)
    if not (await factors_of(actor)).may_add_passkey:
        raise Refused("You have as many passkeys as can be kept. Remove one that you do not use any more.")
    if await found_by(actor, answer):
        raise NotGenuine("kept already")
    await Passkey.insert(
        Passkey(
            company=actor.company_id,
            person=actor.person_id,
            name=name,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            created_at=clock.now(),
        )
    )
    await tell_of_change(actor, "passkey.added", f"The passkey “{name}” was added to your account.", address)
    return await recovery_codes_for_nobody_without(actor)


async def rename(actor: Actor, passkey_id: int, name: str) -> None:
    """Gives one of the actor's own passkeys another name; NotFound for anybody else's."""
    passkey = await own(actor, passkey_id)
    await Passkey.update({Passkey.name: name}).where(Passkey.id == passkey_id)
    await record_own(actor, "passkey.renamed", f"{actor.name}: the passkey “{passkey['name']}” is now “{name}”")


async def remove(actor: Actor, passkey_id: int, address: str) -> None:
    """Takes one of the actor's own passkeys away; NotFound for anybody else's. Refuses (409) the last factor where the
    company asks for one."""
    await locked_person(actor, actor.person_id)
    passkey = await own(actor, passkey_id)
    await refuse_last_one(actor)
    await Passkey.delete().where(Passkey.id == passkey_id)
    text = f"The passkey “{passkey['name']}” was removed from your account."
    await tell_of_change(actor, "passkey.removed", text, address)
    await drop_recovery_codes_of_nothing(actor)


async def own(actor: Actor, passkey_id: int) -> dict[str, Any]:
    """One of the actor's own passkeys; NotFound for anybody else's."""
    if not 0 < passkey_id < 2**63:
        raise NotFound
    passkey = await Passkey.select().where(Passkey.id == passkey_id, Passkey.person == actor.person_id).first()
    if passkey is None:
        raise NotFound
    return passkey


async def owner_who_proved(actor: Actor, answer: Answer, challenge: bytes, site: Site) -> int:
    """Whose the passkey is that has answered `challenge`, by id: the actor's, or anybody's where nobody has signed in.

    Counts the use. NotGenuine for an answer that proves nothing. The open transaction is then of that person's company.
    """
    found = await found_by(actor, answer)
    if not found or (actor.is_signed_in and found["person_id"] != actor.person_id):
        raise NotGenuine("nobody's, or somebody else's")
    await act_for(found["company_id"])
    # Locked: of two answers with one count of uses, the second is a copy's.
    rows = await db.fetch("SELECT * FROM passkey WHERE id = $1 FOR UPDATE", found["passkey_id"])
    if not rows:
        raise NotGenuine("removed meanwhile")
    count = passkeys.proven(answer, challenge, site, dict(rows[0]))
    await Passkey.update({Passkey.sign_count: count, Passkey.last_used_at: clock.now()}).where(
        Passkey.id == rows[0]["id"]
    )
    return int(rows[0]["person"])


async def found_by(actor: Actor, answer: Answer) -> Any:
    """Which passkey an answer names, and whose that is, proven or not; None for one that is nobody's."""
    rows = await db.fetch("SELECT * FROM sdes_find_passkey($1)", answer.credential_id)
    return rows[0] if rows else None


def _kept(browser: str, challenge: bytes) -> bytes:
    """What is kept of a challenge: it names nobody, and can be answered by the browser alone that it was given to."""
    return sha256(challenge + browser.encode()).digest()
