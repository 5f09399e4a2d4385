"""The market participants of a company: added, begun and ended, taken back where entered wrongly (SL 21, 22)."""

from datetime import date

import asyncpg

from sdes.accounts.tables import MarketParticipant
from sdes.actor import Actor
from sdes.administration.actions.companies import fill_gaps_of, locked, record
from sdes.administration.forms.companies import dates_mark
from sdes.administration.views.companies import CompanyView, ParticipantView
from sdes.administration.words import MEANWHILE
from sdes.catalogue.dates import show_date
from sdes.catalogue.roles import MarketRole
from sdes.kit import db
from sdes.kit.errors import NotFound, Refused


async def add(actor: Actor, company_id: int, mpid: str, role: MarketRole, first: date, last: date | None) -> None:
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


async def change(actor: Actor, company_id: int, participant_id: int, first: date, last: date | None, mark: str) -> None:
    """Changes from when to when a company holds a market role. Its people keep their assignments: they read on.

    `mark` is that of the days which the form showed. Refuses days at which another holds the MPID in that role, and
    where somebody else changed them meanwhile.
    """
    holder = await locked(actor, company_id)
    one = _held(holder, participant_id)
    if mark != dates_mark(one.effective_from, one.effective_to):
        now = f"The dates are now: {_period(one.effective_from, one.effective_to)}."
        raise Refused(f"{MEANWHILE} {now} Check what you typed and save again.")
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


async def remove(actor: Actor, company_id: int, participant_id: int) -> None:
    """Takes back a market participant that was entered wrongly.

    Refuses one under which a communication was sent or received: that one is ended by its last day.
    """
    holder = await locked(actor, company_id)
    one = _held(holder, participant_id)
    try:
        async with db.transaction():
            await MarketParticipant.delete().where(MarketParticipant.id == participant_id)
    except (asyncpg.ForeignKeyViolationError, asyncpg.RestrictViolationError) as cause:
        raise Refused(
            f"Communications were sent or received under {one.mpid} as {one.role.label.lower()}, so it cannot be"
            " removed. Give it a last day instead."
        ) from cause
    said = f"{holder.name}: {one.mpid} as {one.role.label.lower()}, {_period(one.effective_from, one.effective_to)}"
    await record(actor, "participant.removed", company_id, said)


def _held(holder: CompanyView, participant_id: int) -> ParticipantView:
    one = next((held for held in holder.participants if held.id == participant_id), None)
    if one is None:
        raise NotFound("There is no such market participant.")
    return one


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
