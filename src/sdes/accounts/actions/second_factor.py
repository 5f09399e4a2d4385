"""Setting up and taking away what is asked for beside the password."""

import base64
from typing import Any

from sdes import auditlog, mail
from sdes.accounts import recovery, totp
from sdes.accounts.actions.passwords import end_sessions
from sdes.accounts.queries import factors_of, has_second_factor, who_helps
from sdes.accounts.tables import Passkey, Person, RecoveryCode
from sdes.actor import Actor
from sdes.kit import clock, db, keyring
from sdes.kit.crypto import SealBroken
from sdes.kit.errors import NotFound, Refused

LAST_ONE = (
    "Your company asks everybody for a second factor, and this is your only one."
    " Set up another one first, then remove this one."
)


def offer(actor: Actor, secret: str = "") -> tuple[str, str]:
    """A secret for an authenticator app (a new one, unless one is offered again), and the same sealed, for the form
    that confirms it: until then nothing is kept of it."""
    secret = secret or totp.new_secret()
    return secret, base64.urlsafe_b64encode(keyring.seal(_offer_to(actor), secret.encode())).decode()


def offered(actor: Actor, sealed: str) -> str:
    """The secret that this session was offered, or nothing where `sealed` is something else."""
    try:
        return keyring.unseal(_offer_to(actor), base64.urlsafe_b64decode(sealed.encode())).decode()
    except (SealBroken, ValueError):
        return ""


async def set_authenticator(actor: Actor, secret: str, code: str, address: str) -> list[str] | None:
    """Has the actor's codes come from `secret` from now on, in place of any other, once `code` shows that their app
    holds it; None for a wrong code. Gives new recovery codes to somebody who has none, else an empty list."""
    person = await locked_person(actor, actor.person_id)
    step = totp.step_of(secret, code, clock.now())
    if step is None:
        return None
    await Person.update(
        {
            Person.totp_secret: keyring.seal(f"totp:{person['id']}", secret.encode()),
            Person.totp_confirmed_at: clock.now(),
            Person.totp_last_step: step,
        }
    ).where(Person.id == person["id"])
    await tell_of_change(actor, "authenticator.set-up", "An authenticator app was set up for your account.", address)
    return await recovery_codes_for_nobody_without(actor)


async def remove_authenticator(actor: Actor, address: str) -> None:
    """Takes the actor's authenticator app away. Refuses (409) the last factor where the company asks for one."""
    await locked_person(actor, actor.person_id)
    await refuse_last_one(actor)
    if not (await factors_of(actor)).authenticator_since:
        raise NotFound
    await _forget_authenticator(actor, actor.person_id)
    text = "The authenticator app was removed from your account."
    await tell_of_change(actor, "authenticator.removed", text, address)
    await drop_recovery_codes_of_nothing(actor)


async def new_recovery_codes(actor: Actor, address: str) -> list[str]:
    """Ten codes in place of all that the actor had, told this once. Refuses (409) somebody without a factor."""
    await locked_person(actor, actor.person_id)
    if not (await factors_of(actor)).count:
        raise Refused("Recovery codes stand for a second factor. Set up an authenticator app or a passkey first.")
    codes = await _replace_recovery_codes(actor)
    await tell_of_change(actor, "recovery-codes.made", "New recovery codes were made for your account.", address)
    return codes


async def own_codes(actor: Actor, codes: list[str]) -> list[str]:
    """Those of `codes` that are the actor's own and not used yet."""
    assert actor.person_id is not None
    rows = await RecoveryCode.select(RecoveryCode.code_hash).where(
        RecoveryCode.person == actor.person_id, RecoveryCode.used_at.is_null()
    )
    kept = {bytes(row["code_hash"]) for row in rows}
    return [code for code in codes if recovery.hashed(actor.person_id, code) in kept]


async def reset(actor: Actor, person_id: int) -> bool:
    """Takes every second factor of a person away who has lost theirs, ends their sessions and tells them by e-mail;
    False, and nothing told, where there was none.

    The open transaction must be of the person's company, and the caller has asked whether the actor administers it.
    They set up another one when they sign in next, if their company asks for it. NotFound for another company's.
    """
    person = await locked_person(actor, person_id)
    had_codes = await RecoveryCode.exists().where(RecoveryCode.person == person_id)
    if not (had_codes or await has_second_factor(person_id)):
        return False
    await _forget_authenticator(actor, person_id)
    await Passkey.delete().where(Passkey.person == person_id)
    await RecoveryCode.delete().where(RecoveryCode.person == person_id)
    await end_sessions(person_id)
    what = f"{actor.name} has removed the authenticator app, passkeys and recovery codes from your account."
    await _post_notice(person, what, address="")
    await auditlog.record(
        actor,
        "accounts.second-factor.reset",
        subject=f"person {person_id}",
        detail=f"{person['name']}: authenticator app, passkeys and recovery codes removed",
        about_company=person["company"],
    )
    return True


async def locked_person(actor: Actor, person_id: int | None) -> dict[str, Any]:
    """The person's row, which nobody else changes until the end of the transaction; NotFound for another company's."""
    rows = await db.fetch(
        "SELECT * FROM person WHERE id = $1 AND company = sdes_company() AND state <> 'deleted' FOR UPDATE", person_id
    )
    if not rows:
        raise NotFound
    return dict(rows[0])


async def tell_of_change(actor: Actor, event: str, what: str, address: str) -> None:
    """Ends the actor's other sessions, which knew less of who they are, sends the notice, and writes it down."""
    await end_sessions(actor.person_id, but=actor.session_id)
    person = await locked_person(actor, actor.person_id)
    await _post_notice(person, what, address)
    await record_own(actor, event, f"{actor.name}: {what}")


async def tell_of_recovery_code(actor: Actor, address: str) -> None:
    """Tells the actor by e-mail that one of their recovery codes was used, and writes it down."""
    left = (await factors_of(actor)).recovery_codes
    what = f"A recovery code was used to sign in to your account. {left} of {recovery.HOW_MANY} are left."
    await _post_notice(await locked_person(actor, actor.person_id), what, address)
    await record_own(actor, "recovery-code.used", f"{actor.name}: signed in with a recovery code, {left} left")


async def record_own(actor: Actor, event: str, detail: str) -> None:
    """An entry about the actor's own account."""
    await auditlog.record(
        actor,
        f"accounts.{event}",
        subject=f"person {actor.person_id}",
        detail=detail,
        about_company=actor.company_id,
    )


async def refuse_last_one(actor: Actor) -> None:
    """Refuses (409) to take away what the company asks everybody for."""
    if not (await factors_of(actor)).may_remove:
        raise Refused(LAST_ONE)


async def recovery_codes_for_nobody_without(actor: Actor) -> list[str]:
    """Recovery codes for an actor who has none left; none for one who has."""
    return [] if (await factors_of(actor)).recovery_codes else await _replace_recovery_codes(actor)


async def drop_recovery_codes_of_nothing(actor: Actor) -> None:
    """Forgets the recovery codes of an actor who has no factor any more for which they could stand."""
    if not (await factors_of(actor)).count:
        await RecoveryCode.delete().where(RecoveryCode.person == actor.person_id)


def _offer_to(actor: Actor) -> str:
    return f"totp-offer:{actor.person_id}:{actor.session_id}"


async def _replace_recovery_codes(actor: Actor) -> list[str]:
    assert actor.person_id is not None
    codes = recovery.new_codes()
    await RecoveryCode.delete().where(RecoveryCode.person == actor.person_id)
    await RecoveryCode.insert(
        *(
            RecoveryCode(
                company=actor.company_id, person=actor.person_id, code_hash=recovery.hashed(actor.person_id, code)
            )
            for code in codes
        )
    )
    return codes


async def _forget_authenticator(actor: Actor, person_id: int | None) -> None:
    await Person.update({Person.totp_secret: None, Person.totp_confirmed_at: None, Person.totp_last_step: 0}).where(
        Person.id == person_id
    )


async def _post_notice(person: dict[str, Any], what: str, address: str) -> None:
    await mail.post(
        "second_factor_changed",
        to_address=person["email"],
        to_name=person["name"],
        company_id=person["company"],
        person_id=person["id"],
        what=what,
        when=f"{clock.local(clock.now()):%-d %B %Y, %H:%M}",
        address=address,
        helper=await who_helps(person),
    )
