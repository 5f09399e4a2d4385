"""Signing in with the second factor after the password, with a passkey alone, and once more within a session."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from sdes.accounts import rate_limits, recovery, totp
from sdes.accounts.actions import passkeys as keys
from sdes.accounts.actions.refusals import record_locks, record_refusal
from sdes.accounts.actions.second_factor import locked_person, tell_of_recovery_code
from sdes.accounts.actions.sign_in import SUSPENDED, Device, Opened, SignInRefused, open_session, person_of
from sdes.accounts.passkeys import Answer, NotGenuine, Site
from sdes.accounts.queries import person_row
from sdes.accounts.sessions import act_for
from sdes.accounts.tables import Person, PersonState, RecoveryCode, Session
from sdes.actor import Actor
from sdes.kit import clock, db, keyring
from sdes.settings import Settings

log = logging.getLogger(__name__)

WRONG_CODE = "This code is not right, or it was used already. Wait for the next one and type it."
WRONG_RECOVERY_CODE = "This recovery code is not right, or it was used already."
NO_PASSKEY = "This passkey could not be used here. Try again, or choose another way to sign in."

Proof = Callable[[dict[str, Any]], Awaitable[bool]]


async def give_code(actor: Actor, code: str, *, device: Device, settings: Settings) -> Opened | None:
    """Finishes the actor's sign-in with a code of their authenticator app; None for a wrong one, and for one that was
    used. Refuses (429) after too many wrong ones. Runs in its own transactions."""

    async def is_right(person: dict[str, Any]) -> bool:
        if not person["totp_confirmed_at"]:
            return False
        secret = keyring.unseal(f"totp:{person['id']}", person["totp_secret"]).decode()
        step = totp.step_of(secret, code, clock.now())
        if step is None or step <= person["totp_last_step"]:
            return False
        await Person.update({Person.totp_last_step: step}).where(Person.id == person["id"])
        return True

    return await _give(actor, "totp", is_right, device=device, settings=settings)


async def give_recovery_code(actor: Actor, code: str, *, device: Device, settings: Settings) -> Opened | None:
    """The same with a recovery code, which is then used up; the person is told by e-mail."""

    async def is_right(person: dict[str, Any]) -> bool:
        used = (
            await RecoveryCode.update({RecoveryCode.used_at: clock.now()})
            .where(
                RecoveryCode.person == person["id"],
                RecoveryCode.code_hash == recovery.hashed(person["id"], code),
                RecoveryCode.used_at.is_null(),
            )
            .returning(RecoveryCode.id)
        )
        if used:
            await tell_of_recovery_code(actor, device.address)
        return bool(used)

    return await _give(actor, "recovery", is_right, device=device, settings=settings)


async def give_passkey(
    actor: Actor, answer: Answer, site: Site, *, browser: str, device: Device, settings: Settings
) -> Opened | None:
    """The same with one of the actor's own passkeys. `browser` is what its forms are known by."""

    async def is_right(person: dict[str, Any]) -> bool:
        try:
            return bool(await keys.owner_who_proved(actor, answer, challenge, site) == person["id"])
        except NotGenuine as cause:
            log.info("a passkey was refused: %r", cause)
            return False

    try:
        challenge = await keys.take(actor, browser, answer)
    except NotGenuine:
        return None
    return await _give(actor, "passkey", is_right, device=device, settings=settings)


async def sign_in_with_passkey(
    actor: Actor, answer: Answer, site: Site, *, browser: str, device: Device, settings: Settings
) -> Opened | None:
    """A new session for the holder of a passkey, which counts as both factors; None for one that proves nothing.

    `actor` is who was signed in here before, if anybody: that session ends. Refuses (429) after too many that proved
    nothing; `SignInRefused` for a suspended person. Runs in its own transactions.
    """
    key = f"passkey {answer.credential_id.hex()}"
    async with db.transaction():
        attempt = await rate_limits.begin_attempt(key, device.address, of="passkeys")
    try:
        challenge = await keys.take(actor, browser, answer)
        async with db.transaction():
            person = await person_row(await keys.owner_who_proved(Actor.nobody(), answer, challenge, site))
            assert person
            await rate_limits.forgive(key, attempt)
            if person["state"] == PersonState.ACTIVE:
                opened = await open_session(person, "passkey", device=device, settings=settings)
                await act_for(actor.company_id)
                await _end(actor)
                return opened
            await record_refusal(person, f"suspended, from {device.address}")
    except NotGenuine as cause:
        log.info("a passkey was refused: %r", cause)
        async with db.transaction():
            found = await keys.found_by(actor, answer)
            person = await person_of(found) if found else None
            await record_refusal(person, f"a passkey that proved nothing, from {device.address}")
            await record_locks(person, key, device.address, attempt, of="passkeys")
        return None
    raise SignInRefused(SUSPENDED)


async def sign_in_again(actor: Actor, *, device: Device, settings: Settings) -> Opened:
    """A session in place of the actor's present one, once they have shown anew who they are. The open transaction must
    be of their company."""
    person = await locked_person(actor, actor.person_id)
    await _end(actor)
    return await open_session(person, actor.method, device=device, settings=settings)


async def _give(actor: Actor, what: str, proof: Proof, *, device: Device, settings: Settings) -> Opened | None:
    """Counts the attempt as wrong first, so that many at once do not pass together; then looks, the person's row being
    locked, so that of two at once with one code only one comes in."""
    key = f"second factor of {actor.person_id}"
    async with db.transaction():
        attempt = await rate_limits.begin_attempt(key, device.address, of="codes")
    async with db.transaction():
        await act_for(actor.company_id)
        person = await locked_person(actor, actor.person_id)
        if await proof(person) and await _end(actor):
            await rate_limits.forgive(key, attempt)
            return await open_session(person, f"{actor.method}+{what}", device=device, settings=settings)
        await record_refusal(person, f"wrong {what}, from {device.address}", event="accounts.second-factor.refused")
        await record_locks(person, key, device.address, attempt, of="codes")
    return None


async def _end(actor: Actor) -> bool:
    """Ends the actor's present session; False where it has ended already."""
    ended = (
        await Session.update({Session.ended_at: clock.now()})
        .where(Session.id == actor.session_id, Session.ended_at.is_null())
        .returning(Session.id)
    )
    return bool(ended)
