"""Companies are taken on: opened, given market participants, led through accession, marked Qualified (SL 20 to 22)."""

from datetime import date

import asyncpg

from sdes import auditlog
from sdes.accounts.queries import overseer_companies
from sdes.accounts.sessions import within
from sdes.accounts.tables import Company, CompanyKind, MarketParticipant
from sdes.actor import Actor
from sdes.administration.access import why_accession_stays, why_not_qualified
from sdes.administration.actions.assignments import fill_gaps
from sdes.administration.queries.companies import company
from sdes.administration.views.companies import STEPS, Accession, CompanyView, ParticipantView
from sdes.catalogue.dates import show_date
from sdes.catalogue.roles import MarketRole
from sdes.kit import clock, db
from sdes.kit.errors import NotFound, Refused


async def open_company(actor: Actor, name: str) -> int:
    """Makes an SDES User with nothing but its name, not Qualified yet; gives its id. (SL 20)

    Refuses a name that another company has, whatever its case.
    """
    await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended('names of companies', 0))")
    if name.casefold() in {row["name"].casefold() for row in await Company.select(Company.name)}:
        raise Refused(f"There is a company called {name} already.")
    made = await Company.insert(
        Company(name=name, kind=CompanyKind.MARKET.value, is_qualified=False, created_at=clock.now())
    )
    company_id = int(made[0]["id"])
    await record(actor, "company.opened", company_id, name)
    return company_id


async def set_accession(actor: Actor, company_id: int, steps: Accession) -> None:
    """Records on which days a company took the three steps (SL 20); what the form has checked of them holds.

    Refuses to take back a step that a MAU was appointed, or the company marked Qualified, on the strength of.
    """
    before = await locked(actor, company_id)
    if not before.is_market:
        raise Refused("Only SDES Users accede. This company runs the service.")
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
    if is_qualified and (why := why_not_qualified(before, _today())):
        raise Refused(why)
    await Company.update({Company.is_qualified: is_qualified}).where(Company.id == company_id)
    event = "company.qualified" if is_qualified else "company.unqualified"
    await record(actor, event, company_id, f"{before.name}: {reason}")


async def add_participant(
    actor: Actor, company_id: int, mpid: str, role: MarketRole, first: date, last: date | None
) -> None:
    """Gives a company a market role under an MPID from `first` to `last`, both included (SL 21, 22).

    Refuses an MPID that has a holder in that role at that time: told is that another company has it, not which.
    """
    holder = await locked(actor, company_id)
    if not holder.is_market:
        raise Refused("Only SDES Users hold market roles. This company runs the service.")
    try:
        async with db.transaction():
            await MarketParticipant.insert(
                MarketParticipant(
                    company=company_id, mpid=mpid, role=role.value, effective_from=first, effective_to=last
                )
            )
    except asyncpg.UniqueViolationError as cause:
        raise Refused(_taken(holder, 0, mpid, role, first, last)) from cause
    await fill_gaps_of(actor, company_id)
    said = f"{holder.name}: {mpid} as {role.label.lower()}, {_period(first, last)}"
    await record(actor, "participant.added", company_id, said)


async def change_participant(
    actor: Actor, company_id: int, participant_id: int, first: date, last: date | None
) -> None:
    """Changes from when to when a company holds a market role. Its people keep their assignments: they read on."""
    holder = await locked(actor, company_id)
    one = next((held for held in holder.participants if held.id == participant_id), None)
    if one is None:
        raise NotFound("There is no such market participant.")
    if (first, last) == (one.effective_from, one.effective_to):
        return
    try:
        async with db.transaction():
            await MarketParticipant.update(
                {MarketParticipant.effective_from: first, MarketParticipant.effective_to: last}
            ).where(MarketParticipant.id == participant_id)
    except asyncpg.UniqueViolationError as cause:
        raise Refused(_taken(holder, one.id, one.mpid, one.role, first, last)) from cause
    await fill_gaps_of(actor, company_id)
    said = f"{holder.name}: {one.mpid} as {one.role.label.lower()}, {_period(first, last)}"
    await record(actor, "participant.changed", company_id, said)


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
        company_id=of.id, name=name, company_name=of.name, market_roles=of.roles(_today()), request_id=actor.request_id
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


def _taken(holder: CompanyView, but: int, mpid: str, role: MarketRole, first: date, last: date | None) -> str:
    mine = any(one.id != but and _overlap(one, mpid, role, first, last) for one in holder.participants)
    whose = "this company already" if mine else "another company"
    return f"{mpid} is held by {whose} as {role.label} at that time. Check the MPID and the dates."


def _overlap(one: ParticipantView, mpid: str, role: MarketRole, first: date, last: date | None) -> bool:
    begins_in_time = last is None or one.effective_from <= last
    ends_late_enough = one.effective_to is None or one.effective_to >= first
    return (one.mpid, one.role) == (mpid, role) and begins_in_time and ends_late_enough


def _period(first: date, last: date | None) -> str:
    return f"from {show_date(first)} {f'to {show_date(last)}' if last else 'until further notice'}"


def _today() -> date:
    return clock.local(clock.now()).date()
