"""Each company's one Master Admin User is appointed, replaced and helped back in by the provider (SD 2.4)."""

from typing import Any

from sdes import mail
from sdes.accounts.actions import second_factor
from sdes.accounts.actions.company_credentials import end_company_credentials
from sdes.accounts.actions.passwords import send_single_use_password
from sdes.accounts.sessions import within
from sdes.accounts.tables import Person, PersonState
from sdes.actor import Actor
from sdes.administration.access import why_no_master_admin
from sdes.administration.actions.assignments import fill_gaps, inherit, lock_people
from sdes.administration.actions.companies import locked, record, standing_in
from sdes.administration.actions.people import NewPerson, blank, insert
from sdes.administration.forms.companies import NewMasterAdmin
from sdes.kit import clock
from sdes.kit.errors import Refused


async def appoint(actor: Actor, company_id: int, new: NewMasterAdmin, *, instead_of: int | None = None) -> None:
    """Makes somebody the company's one MAU, in place of the MAU `instead_of` if there was one (SD 2.4).

    Whoever has an account in that company is promoted and keeps it; anybody else gets one, with a single-use password
    by e-mail. The MAU takes over all that the former one held, who is deleted unless they stay as an ordinary person,
    and every use case that nobody holds. The company's API keys and its own sign-in, which the former one set up, end.
    Refuses before the Access Agreement is signed (SL 20), an address that has an account in another company (not told
    in which), one's own, and a second MAU: where `instead_of` is not the one whom the company has now.
    """
    company = await locked(actor, company_id)
    if why := why_no_master_admin(actor, company):
        raise Refused(why)
    if company_id == actor.company_id and new.email.lower() == actor.email.lower():
        raise Refused("You cannot appoint yourself. Ask somebody else who may.")
    inside = standing_in(actor, company)
    async with within(actor, company_id):
        await lock_people(inside)
        former = await Person.select().where(Person.company == company_id, Person.is_master_admin.eq(True)).first()
        _refuse_second(former, instead_of)
        if former and former["email_key"] == new.email.lower():
            raise Refused(f"{former['name']} is the Master Admin User already.")
        if former:
            await Person.update({Person.is_master_admin: False}).where(Person.id == former["id"])
        person, is_new = await _master_admin(inside, new)
        if former:
            await inherit(inside, former["id"], person["id"], leaves=new.former_leaves)
            await _let_go(former, company.name, person["name"], leaves=new.former_leaves)
        ended = await end_company_credentials(company_id) if former else []
        await fill_gaps(inside)
        if is_new:
            await send_single_use_password(inside, person, company.name, again=False)
        if ended or not is_new:
            words = {"company": company.name, "by": inside.name, "is_new": is_new, "ended": ended}
            await _tell(person, "master_admin_appointed", **words)
    await _record_appointment(actor, company_id, company.name, person, former, new, ended)


async def reset(actor: Actor, company_id: int) -> None:
    """Sends the MAU a new single-use password and takes their second factor away, which nobody in the company could do
    (SD 2.4)."""
    company = await locked(actor, company_id)
    if company.master_admin is None:
        raise Refused(f"{company.name} has no Master Admin User.")
    inside = standing_in(actor, company)
    async with within(actor, company_id):
        await lock_people(inside)
        person = await Person.select().where(Person.company == company_id, Person.is_master_admin.eq(True)).first()
        assert person
        removed = await second_factor.reset(inside, person["id"])
        await send_single_use_password(inside, person, company.name, again=True)
    said = f"{company.name}: new single-use password for {person['name']}{', second factor removed' if removed else ''}"
    await record(actor, "master-admin.reset", company_id, said)


def _refuse_second(former: dict[str, Any] | None, instead_of: int | None) -> None:
    if former and former["id"] != instead_of:
        raise Refused(
            f"{former['name']} is the company's Master Admin User now: there is one for each company."
            " Open the company again to see, and replace them there if that is what you want."
        )


async def _master_admin(inside: Actor, new: NewMasterAdmin) -> tuple[dict[str, Any], bool]:
    """The person who is the MAU from now on, and whether their account is new."""
    company_id = inside.company_id or 0
    own = (Person.company == company_id) & (Person.state != PersonState.DELETED.value)
    known = await Person.select().where(own, Person.email_key == new.email.lower()).first()
    if known and known["is_proxy_address"]:
        raise Refused(
            f"{known['email']} is marked as shared or as no mailbox."
            " The Master Admin User is a named person with an address of their own."
        )
    if known:
        is_back = known["state"] != PersonState.ACTIVE
        await Person.update(
            {
                Person.is_master_admin: True,
                Person.state: PersonState.ACTIVE.value,
                Person.warned_from: None,
                Person.was_last_user: False,
                Person.reinstated_at: clock.now() if is_back else known["reinstated_at"],
            }
        ).where(Person.id == known["id"])
    person_id = (
        known["id"]
        if known
        else await insert(company_id, NewPerson(name=new.name, email=new.email), is_master_admin=True)
    )
    row = await Person.select().where(Person.id == person_id).first()
    assert row
    return row, known is None


async def _let_go(former: dict[str, Any], company: str, successor: str, *, leaves: bool) -> None:
    if leaves:
        await blank(former["id"])
    else:
        await _tell(former, "master_admin_replaced", company=company, successor=successor)


async def _tell(person: dict[str, Any], kind: str, **words: Any) -> None:
    await mail.post(
        kind,
        to_address=person["email"],
        to_name=person["name"],
        company_id=person["company"],
        person_id=person["id"],
        **words,
    )


async def _record_appointment(
    actor: Actor,
    company_id: int,
    company: str,
    person: dict[str, Any],
    former: dict[str, Any] | None,
    new: NewMasterAdmin,
    ended: list[str],
) -> None:
    said = f"{company}: {person['name']} <{person['email']}>"
    if former is None:
        await record(actor, "master-admin.appointed", company_id, said)
        return
    whom = f"{former['name']} <{former['email']}>"
    fate = f"{whom} has left and was deleted" if new.former_leaves else f"{whom} stays as an ordinary person"
    await record(
        actor,
        "master-admin.replaced",
        company_id,
        f"{said}. {fate}. {''.join(f'{one} ' for one in ended)}Reason: {new.reason}",
    )
