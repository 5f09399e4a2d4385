"""Links sent by e-mail: each may be followed once, for a while, and only while the address is still the person's."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sdes import auditlog, mail
from sdes.accounts.queries import person_row, who_helps
from sdes.accounts.sessions import act_for, new_token, token_hash
from sdes.accounts.tables import AccountLink, Company, LinkPurpose, Person, PersonState
from sdes.actor import Actor
from sdes.kit import clock, db

RESET_LASTS = timedelta(hours=1)
VERIFY_LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Link:
    """A link that can still be followed, and whose it is (`person`: the whole row)."""

    id: int
    person: dict[str, Any]
    company_name: str


async def send_verification(person_id: int) -> None:
    """Sends the person a link by which they show that their present address is theirs (SD 11.1(f)).

    Links sent for that before are void. The open transaction must be of their company.
    """
    person = await person_row(person_id)
    assert person
    await void_links(person_id, LinkPurpose.VERIFY)
    token, until = await make_link(person, LinkPurpose.VERIFY, VERIFY_LASTS)
    await mail.post(
        "verify_address",
        to_address=person["email"],
        to_name=person["name"],
        company_id=person["company"],
        person_id=person["id"],
        path=f"/verify-address/{token}",
        until=until,
    )


async def tell_former_address(person: dict[str, Any], by_name: str) -> None:
    """Tells the holder of the address that the person had until now that it was changed, by whom (SD 11.1(f), 8.1).

    `person` is the whole row as it was before. The new address is not told. The open transaction must be of their
    company.
    """
    await mail.post(
        "address_changed",
        to_address=person["email"],
        to_name=person["name"],
        company_id=person["company"],
        person_id=person["id"],
        by=by_name,
        at=f"{clock.local(clock.now()):%-d %B %Y, %H:%M}",
        helper=await who_helps(person),
    )


async def make_link(person: dict[str, Any], purpose: LinkPurpose, lasts: timedelta) -> tuple[str, str]:
    """The token of a new link to the person's present address, and until when it can be followed, in words. The open
    transaction must be of their company."""
    token = new_token()
    now = clock.now()
    await AccountLink.insert(
        AccountLink(
            company=person["company"],
            person=person["id"],
            purpose=purpose.value,
            email_key=person["email_key"],
            token_hash=token_hash(token),
            created_at=now,
            expires_at=now + lasts,
        )
    )
    return token, f"{clock.local(now + lasts):%-d %B %Y, %H:%M}"


async def void_links(person_id: int | None, purpose: LinkPurpose | None = None) -> None:
    """Makes the person's links worthless, all or those for one purpose. The open transaction must be of their
    company."""
    mine = (AccountLink.person == person_id) & AccountLink.used_at.is_null()
    if purpose:
        mine &= AccountLink.purpose == purpose.value
    await AccountLink.update({AccountLink.used_at: clock.now()}).where(mine)


async def find_link(token: str, purpose: LinkPurpose) -> Link | None:
    """The link behind a token, or None where there is none to follow (any more). Looking does not use it up.

    The open transaction is then of the person's company.
    """
    rows = await db.fetch("SELECT * FROM sdes_find_link($1, $2)", token_hash(token), clock.now())
    if not rows or rows[0]["purpose"] != purpose:
        return None
    await act_for(rows[0]["company_id"])
    person = await person_row(rows[0]["person_id"])
    if not person or person["state"] != PersonState.ACTIVE:
        return None
    company = await Company.select(Company.name).where(Company.id == person["company"]).first()
    return Link(rows[0]["link_id"], person, company["name"] if company else "")


async def use_up(link: Link) -> bool:
    """Marks the link as followed; False where somebody else was faster. In a transaction that `find_link` prepared."""
    used = (
        await AccountLink.update({AccountLink.used_at: clock.now()})
        .where(AccountLink.id == link.id, AccountLink.used_at.is_null())
        .returning(AccountLink.id)
    )
    return bool(used)


async def can_verify(token: str) -> bool:
    """Whether `verify_address` would take the token now. Runs in its own transaction."""
    async with db.transaction():
        return await find_link(token, LinkPurpose.VERIFY) is not None


async def verify_address(token: str) -> bool:
    """Notes that the address is the person's own, whoever holds the browser; False for a link that is used or too old.

    Runs in its own transaction. (SD 11.1(f))
    """
    async with db.transaction():
        link = await find_link(token, LinkPurpose.VERIFY)
        if not link or not await use_up(link):
            return False
        await Person.update({Person.email_verified_at: clock.now()}).where(Person.id == link.person["id"])
        await auditlog.record(
            as_person(link.person),
            "accounts.address.verified",
            subject=f"person {link.person['id']}",
            detail=f"{link.person['name']}: {link.person['email']}",
            about_company=link.person["company"],
        )
    return True


def as_person(person: dict[str, Any]) -> Actor:
    """The person as the audit log names them, before or without a session; holds no role."""
    return Actor(person_id=person["id"], company_id=person["company"], name=person["name"], email=person["email"])
