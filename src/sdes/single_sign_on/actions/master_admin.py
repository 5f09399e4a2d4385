"""The MAU of the enquiry service is the MAU here (SD 2.4)."""

from typing import Any

from sdes import auditlog, mail
from sdes.accounts.actions.company_credentials import end_company_credentials
from sdes.accounts.actions.master_admins import take_over_default_contacts
from sdes.accounts.functions import SystemFunction
from sdes.accounts.tables import Company, CompanyKind, Person
from sdes.actor import Actor
from sdes.kit import clock, db


async def become_master_admin(person: dict[str, Any], provider_name: str) -> None:
    """Makes the person the MAU of their company on the word of the enquiry service; does nothing for who is it, for an
    address marked as shared, which is no named person's, nor in a company that is not of the market: those are not the
    enquiry service's to say.

    The former MAU stays an Authorised Person, with user administration as a function; where they stood in for nobody,
    the new one does, and the company's API keys and its own sign-in end. The open transaction must be of their company.
    """
    company = await Company.select(Company.kind, Company.name).where(Company.id == person["company"]).first()
    if not company or company["kind"] != CompanyKind.MARKET:
        return
    await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"people of {person['company']}")
    former = await Person.select().where(Person.company == person["company"], Person.is_master_admin.eq(True)).first()
    if (former and former["id"] == person["id"]) or person["is_proxy_address"]:
        return
    if former:
        functions = sorted({*former["functions"], SystemFunction.USER_ADMINISTRATION.value})
        await Person.update({Person.is_master_admin: False, Person.functions: functions}).where(
            Person.id == former["id"]
        )
    await Person.update({Person.is_master_admin: True}).where(Person.id == person["id"])
    ended = []
    if former:
        await take_over_default_contacts(person["company"], former["id"], person["id"])
        ended = await end_company_credentials(person["company"])
    was = f", in place of {former['name']}" if former else ""
    await auditlog.record(
        Actor(company_id=person["company"]),
        "administration.master-admin.replaced",
        subject=f"person {person['id']}",
        detail=". ".join((f"{person['name']} is the Master Admin User{was}, by the word of {provider_name}", *ended)),
        about_company=person["company"],
    )
    await _tell(person, former, company["name"], ended)


async def _tell(person: dict[str, Any], former: dict[str, Any] | None, company: str, ended: list[str]) -> None:
    for told in (person, former):
        if told:
            await mail.post(
                "master_admin_changed",
                to_address=told["email"],
                to_name=told["name"],
                company_id=person["company"],
                person_id=told["id"],
                is_new=told is person,
                ended=ended if told is person else [],
                name=person["name"],
                company=company,
                at=f"{clock.local(clock.now()):%-d %B %Y, %H:%M}",
            )
