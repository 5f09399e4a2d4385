"""Companies are taken on: opened, named, led through accession, marked Qualified (SL 20, SD 10.2)."""

from sdes import auditlog
from sdes.accounts.queries import overseer_companies
from sdes.accounts.sessions import within
from sdes.accounts.tables import Company, CompanyKind
from sdes.actor import Actor
from sdes.administration.access import why_accession_stays, why_not_qualified
from sdes.administration.actions.assignments import fill_gaps
from sdes.administration.forms.companies import accession_mark, name_mark
from sdes.administration.queries.companies import company
from sdes.administration.views.companies import STEPS, Accession, CompanyView
from sdes.administration.words import MEANWHILE
from sdes.catalogue.dates import show_date
from sdes.kit import clock, db
from sdes.kit.errors import Refused


async def open_company(actor: Actor, name: str) -> int:
    """Makes an SDES User with nothing but its name, not Qualified yet; gives its id. (SL 20)

    Refuses a name that another company has, whatever its case.
    """
    await _refuse_taken_name(name)
    made = await Company.insert(
        Company(name=name, kind=CompanyKind.MARKET.value, is_qualified=False, created_at=clock.now())
    )
    company_id = int(made[0]["id"])
    await record(actor, "company.opened", company_id, name)
    return company_id


async def rename(actor: Actor, company_id: int, name: str, mark: str) -> None:
    """Gives a company another name; `mark` is that of the name which the form showed.

    Refuses a name that another company has, whatever its case, and where somebody else changed it meanwhile.
    """
    await company(actor, company_id)
    await _refuse_taken_name(name, but=company_id)
    before = await locked(actor, company_id)
    if mark != name_mark(before.name):
        raise Refused(f"{MEANWHILE} The name is now {before.name}. Check what you typed and save again.")
    if name == before.name:
        return
    await Company.update({Company.name: name}).where(Company.id == company_id)
    await record(actor, "company.renamed", company_id, f"{before.name} is now {name}")


async def set_accession(actor: Actor, company_id: int, steps: Accession, mark: str) -> None:
    """Records on which days a company took the three steps (SL 20); what the form has checked of them holds. `mark` is
    that of the days which the form showed.

    Refuses to take back a step that a MAU was appointed, or the company marked Qualified, on the strength of, and
    where somebody else changed them meanwhile.
    """
    before = await locked(actor, company_id)
    if not before.is_market:
        raise Refused("Only SDES Users accede. This company runs the service.")
    if mark != accession_mark(before.accession):
        raise Refused(f"{MEANWHILE} {_recorded(before.accession)} Check what you typed and save again.")
    if not steps.is_complete and before.accession.is_complete and (why := why_accession_stays(before)):
        raise Refused(why)
    said = [
        f"{done.lower()}: {show_date(day) if day else 'no longer'}"
        for column, done, _ in STEPS
        if (day := getattr(steps, column)) != getattr(before.accession, column)
    ]
    if not said:
        return
    await Company.update(
        {
            Company.applied_on: steps.applied_on,
            Company.validated_on: steps.validated_on,
            Company.agreement_signed_on: steps.agreement_signed_on,
        }
    ).where(Company.id == company_id)
    await record(actor, "company.accession-recorded", company_id, f"{before.name}: {'; '.join(said)}")


async def qualify(actor: Actor, company_id: int, is_qualified: bool, reason: str) -> None:
    """Says whether a company is Qualified, and why (SD 10.2). One that is no longer reads on and cannot send."""
    before = await locked(actor, company_id)
    if not before.is_market:
        raise Refused("Only SDES Users are Qualified or not. This company runs the service.")
    if is_qualified == before.is_qualified:
        raise Refused(f"{before.name} is {'Qualified' if is_qualified else 'not Qualified'} already.")
    if is_qualified and (why := why_not_qualified(before, clock.today())):
        raise Refused(why)
    await Company.update({Company.is_qualified: is_qualified}).where(Company.id == company_id)
    event = "company.qualified" if is_qualified else "company.unqualified"
    await record(actor, event, company_id, f"{before.name}: {reason}")


async def fill_gaps_of(actor: Actor, company_id: int) -> None:
    """Makes a company's MAU the default contact of what nobody holds, also of market roles that are yet to begin."""
    inside = standing_in(actor, await company(actor, company_id))
    async with within(actor, company_id):
        await fill_gaps(inside)


async def locked(actor: Actor, company_id: int) -> CompanyView:
    """The company, which nobody else changes until the end of the open transaction; NotFound where there is none."""
    await company(actor, company_id)
    await db.fetch("SELECT id FROM company WHERE id = $1 FOR UPDATE", company_id)
    return await company(actor, company_id)


def standing_in(actor: Actor, of: CompanyView) -> Actor:
    """The actor as far as they act on the rows of a company that they look after; no person of it."""
    name = f"{actor.name} ({actor.company_name})"
    return Actor(
        company_id=of.id,
        name=name,
        company_name=of.name,
        market_roles=of.roles(clock.today()),
        request_id=actor.request_id,
        overseer=actor,
    )


async def record(actor: Actor, event: str, company_id: int, detail: str) -> None:
    """An entry about a company, which that company and all overseers may read."""
    await auditlog.record(
        actor,
        f"administration.{event}",
        subject=f"company {company_id}",
        audience=await overseer_companies(CompanyKind.PROVIDER, CompanyKind.CODE_MANAGER),
        detail=detail,
        about_company=company_id,
    )


async def _refuse_taken_name(name: str, *, but: int = 0) -> None:
    await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended('names of companies', 0))")
    others = await Company.select(Company.name).where(Company.id != but)
    if name.casefold() in {row["name"].casefold() for row in others}:
        raise Refused(f"There is a company called {name} already.")


def _recorded(steps: Accession) -> str:
    days = [(done, getattr(steps, column)) for column, done, _ in STEPS]
    said = [f"{done.lower()} {show_date(day)}" for done, day in days if day]
    return f"Recorded is now: {', '.join(said)}." if said else "No date is recorded now."
