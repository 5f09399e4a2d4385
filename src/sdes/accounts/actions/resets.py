"""Forgotten passwords: a link by e-mail, of which nobody but its receiver learns anything (SD 2.3, 8.1)."""

from typing import Any

from sdes import auditlog, mail
from sdes.accounts import passwords, rate_limits
from sdes.accounts.actions.links import RESET_LASTS, Link, as_person, find_link, make_link, use_up, void_links
from sdes.accounts.actions.passwords import replace_password, tell_of_change
from sdes.accounts.actions.refusals import record_refusal
from sdes.accounts.actions.sign_in import NOBODY, person_of
from sdes.accounts.queries import who_helps
from sdes.accounts.tables import LinkPurpose, Person, PersonState
from sdes.kit import clock, db

ASKED = "accounts.password.reset-asked"


async def ask_for_reset(email: str, address: str) -> None:
    """Sends a link by which a new password is set to whoever's account that is; a suspended person is told that they
    are. Nothing happens after too many in an hour for the account or from the network address.

    It gives no answer: call it once the page has been sent. Runs in its own transactions.
    """
    email_key = email.lower()
    limits = {
        f"account {email_key}": rate_limits.MAILS_PER_ACCOUNT,
        f"address {address}": rate_limits.MAILS_PER_ADDRESS,
    }
    async with db.transaction():
        if not await rate_limits.may_ask("reset", limits):
            return
    async with db.transaction():
        found = await db.fetch("SELECT * FROM sdes_find_account($1)", email_key)
        person = await person_of(found[0] if found else NOBODY)
        if person:
            await _send(person)
        await record_refusal(person, f"a new password was asked for, from {address}", event=ASKED)


async def find_reset(token: str) -> Link | None:
    """The link behind a token, while it can be followed; looking does not use it up. Runs in its own transaction."""
    async with db.transaction():
        return await find_link(token, LinkPurpose.RESET)


async def reset_password(token: str, password: str, address: str) -> bool:
    """Sets the password of whoever's link that is and uses it up; False for one that is used or too old.

    Ends all their sessions, forgives the wrong passwords of before, and counts their address as verified, since the
    link reached them there. Whoever has a second factor is still asked for it. Runs in its own transaction.
    """
    hashed = await passwords.hashed(password)
    async with db.transaction():
        link = await find_link(token, LinkPurpose.RESET)
        if not link or not await use_up(link):
            return False
        person = link.person
        await replace_password(person["id"], hashed)
        if not person["email_verified_at"]:
            await Person.update({Person.email_verified_at: clock.now()}).where(Person.id == person["id"])
        await rate_limits.forgive(person["email_key"])
        await tell_of_change(person)
        await auditlog.record(
            as_person(person),
            "accounts.password.reset",
            subject=f"person {person['id']}",
            detail=f"{person['name']}: set a new password through a link, from {address}",
            about_company=person["company"],
        )
    return True


async def _send(person: dict[str, Any]) -> None:
    token, until = "", ""
    if person["state"] == PersonState.ACTIVE:
        await void_links(person["id"], LinkPurpose.RESET)
        token, until = await make_link(person, LinkPurpose.RESET, RESET_LASTS)
    await mail.post(
        "password_reset",
        to_address=person["email"],
        to_name=person["name"],
        company_id=person["company"],
        person_id=person["id"],
        path=f"/reset-password/{token}" if token else "",
        until=until,
        helper=await who_helps(person),
    )
