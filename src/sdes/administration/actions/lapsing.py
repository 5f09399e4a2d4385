"""The nightly look at inactive accounts: reminders, the MAU's warnings, deletion (SD 2.7, 2.8)."""

from dataclasses import dataclass, field
from datetime import date

from sdes import auditlog, mail
from sdes.accounts.tables import Person
from sdes.actor import Actor
from sdes.administration.actions.assignments import fill_gaps, hand_over, left_with_nobody, lock_people
from sdes.administration.actions.people import blank
from sdes.administration.inactivity import LASTS
from sdes.administration.queries.lapsing import (
    companies_with_master_admin,
    companies_with_people_away,
    for_company,
    overseers,
    who_was_last_user,
)
from sdes.administration.queries.people import people
from sdes.administration.views.people import PersonView
from sdes.administration.words import use_case_title
from sdes.catalogue.queries import process_types
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView
from sdes.kit import clock, db

TOLD_AGAIN = 30  # days after which the overseers are told again of a MAU who stays away


@dataclass
class _Night:
    """One company's night: who is there, and what its MAU is to be told."""

    actor: Actor
    today: date
    catalogue: list[ProcessTypeView]
    everybody: list[PersonView]
    was_last_user: set[int]
    warnings: list[dict[str, object]] = field(default_factory=list)
    deleted: list[dict[str, object]] = field(default_factory=list)

    @property
    def master_admin(self) -> PersonView | None:
        return next((one for one in self.everybody if one.is_master_admin), None)

    def last_user_of(self, person: PersonView) -> list[UseCase]:
        """The use cases that have no other active person."""
        before = {(one.id, case) for one in self.everybody for case in one.use_cases}
        return left_with_nobody(self.everybody, before, {held for held in before if held[0] != person.id})


async def look_at_inactive_accounts(actor: Actor) -> None:
    """Reminds, warns and deletes as of today. Each company is one transaction; a second run of a day does nothing."""
    catalogue = await process_types()
    for company in await companies_with_people_away(actor):
        async with db.transaction():
            await _look_at_company(await for_company(actor, company), catalogue)


async def fill_all_gaps(actor: Actor) -> None:
    """Makes every MAU the default contact of what nobody of their company holds (SD 2.5(b), 2.7(c))."""
    for company in await companies_with_master_admin(actor):
        async with db.transaction():
            await fill_gaps(await for_company(actor, company))


async def _look_at_company(actor: Actor, catalogue: list[ProcessTypeView]) -> None:
    await lock_people(actor)
    today = clock.local(clock.now()).date()
    night = _Night(actor, today, catalogue, await people(actor), await who_was_last_user(actor))
    for person in night.everybody:
        if person.is_master_admin:
            await _look_at_master_admin(night, person)
        elif person.activity.is_over(today) and night.master_admin:
            await _delete(night, person)
        elif person.activity.is_reminded(today):
            await _warn(night, person)
    await _tell_master_admin(night)


async def _look_at_master_admin(night: _Night, person: PersonView) -> None:
    """A MAU is reminded like everybody and never deleted: the overseers are told, and again while it lasts."""
    if person.activity.is_reminded(night.today):
        await _remind(night, person)
    away = (night.today - person.activity.since).days
    if away < LASTS:
        return
    for overseer in await overseers(Actor.system(night.actor.name)):
        await mail.post(
            "master_admin_inactive",
            to_address=overseer.email,
            to_name=overseer.name,
            company_id=overseer.company_id,
            person_id=overseer.id,
            once_key=f"mau:{person.id}:{person.activity.since}:{(away - LASTS) // TOLD_AGAIN}:{overseer.id}",
            company=night.actor.company_name,
            company_id_of=night.actor.company_id,
            person=person,
            since=person.activity.since,
            away=away,
        )


async def _warn(night: _Night, person: PersonView) -> None:
    await _remind(night, person)
    last = night.last_user_of(person)
    if last and person.id not in night.was_last_user:
        await Person.update({Person.was_last_user: True}).where(Person.id == person.id)
    if last or person.id not in night.was_last_user:  # else another person has been assigned meanwhile (SD 2.8)
        night.warnings.append(
            {"person": person, "on": _deleted_on(night, person), "use_cases": _described(night, person, last)}
        )


async def _remind(night: _Night, person: PersonView) -> None:
    if person.activity.warned_from is None:
        await Person.update({Person.warned_from: night.today}).where(Person.id == person.id)
    await mail.post(
        "inactive_account",
        to_address=person.email,
        to_name=person.name,
        company_id=night.actor.company_id,
        person_id=person.id,
        once_key=f"inactive:{person.id}:{person.activity.since}:{night.today}",
        person=person,
        on=_deleted_on(night, person),
        company=night.actor.company_name,
        master_admin=night.master_admin,
    )


async def _delete(night: _Night, person: PersonView) -> None:
    """The row is blanked, assignments go, and the MAU becomes default contact of what is emptied (SD 2.7(c))."""
    emptied = await hand_over(night.actor, person, None, mau_takes=True)
    await blank(person.id)
    titles = [use_case_title(night.catalogue, case) for case in emptied]
    said = f"; the Master Admin User is now the default contact of {'; '.join(titles)}" if titles else ""
    await auditlog.record(
        Actor.system(night.actor.name),
        "administration.person.lapsed",
        subject=f"person {person.id}",
        detail=f"{person.name} <{person.email}>, last active on {person.activity.since:%-d %B %Y}{said}",
        about_company=night.actor.company_id,
    )
    night.deleted.append({"person": person, "emptied": titles})
    night.everybody = await people(night.actor)


async def _tell_master_admin(night: _Night) -> None:
    mau = night.master_admin
    if mau and (night.warnings or night.deleted):
        await mail.post(
            "people_lapsing",
            to_address=mau.email,
            to_name=mau.name,
            company_id=night.actor.company_id,
            person_id=mau.id,
            once_key=f"lapsing:{night.actor.company_id}:{night.today}",
            warnings=night.warnings,
            deleted=night.deleted,
        )


def _deleted_on(night: _Night, person: PersonView) -> date:
    """The day of deletion, counted from today's reminder where it is the first."""
    activity = person.activity
    return activity.reminded_first(night.today).deleted_on


def _described(night: _Night, person: PersonView, last: list[UseCase]) -> list[tuple[str, bool]]:
    """The person's use cases in words, and of each whether they are its last user."""
    return [(use_case_title(night.catalogue, case), case in last) for case in sorted(person.use_cases)]
