"""The nightly look at inactive accounts: reminders, the MAU's warnings, deletion (SD 2.7, 2.8)."""

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sdes import auditlog, mail
from sdes.accounts.tables import Person
from sdes.actor import Actor
from sdes.administration.actions.assignments import fill_gaps, hand_over, lock_people
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
from sdes.administration.words import cases_lines, cases_text
from sdes.catalogue.queries import process_types
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView
from sdes.kit import clock, db

log = logging.getLogger(__name__)

TOLD_AGAIN = 30  # days after which the overseers are told again of a MAU who stays away
MOST_DESCRIBED = 50  # people in one mail


@dataclass(frozen=True)
class _Night:
    """One company's night. `everybody` are its people as they are before it."""

    actor: Actor
    today: date
    catalogue: list[ProcessTypeView]
    everybody: list[PersonView]

    @property
    def master_admin(self) -> PersonView | None:
        return next((one for one in self.everybody if one.is_master_admin), None)


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
    today = clock.today()
    night = _Night(actor, today, catalogue, await people(actor))
    mau = night.master_admin
    over = [one for one in night.everybody if one.activity.is_over(today) and mau and not one.is_master_admin]
    emptied = await _delete(night, over) if over else []
    reminded = [one for one in night.everybody if one.activity.is_reminded(today)]
    if reminded:
        await _remind(night, reminded)
    warnings = await _warnings(night, over, [one for one in reminded if not one.is_master_admin])
    if mau:
        await _tell_master_admin(night, mau, warnings, over, emptied)
        await _tell_overseers(night, mau)


async def _delete(night: _Night, over: list[PersonView]) -> list[UseCase]:
    """The rows are blanked, assignments go, and the MAU becomes default contact of what is emptied: gives what it is
    (SD 2.7(c))."""
    emptied = await hand_over(night.actor, over, None, mau_takes=True)
    await blank(*(one.id for one in over))
    system = Actor.system(night.actor.name)
    entries = [
        _entry(night, one, [case for case in emptied if one.is_active and case in one.use_cases]) for one in over
    ]
    await auditlog.record_all(system, entries, about_company=night.actor.company_id)
    log.info("company %s: deleted %s", night.actor.company_id, _ids(over))
    return emptied


def _entry(night: _Night, person: PersonView, emptied: list[UseCase]) -> auditlog.Entry:
    cases = cases_text(night.catalogue, emptied)
    said = f"; the Master Admin User is now the default contact of {cases}" if cases else ""
    return auditlog.Entry(
        "administration.person.lapsed",
        f"person {person.id}",
        f"{person.name} <{person.email}>, last active on {person.activity.since:%-d %B %Y}{said}",
    )


async def _remind(night: _Night, reminded: list[PersonView]) -> None:
    """A MAU is reminded like everybody, and never deleted."""
    if first := [one.id for one in reminded if one.activity.warned_from is None]:
        await Person.update({Person.warned_from: night.today}).where(Person.id.is_in(first))
    letters = [
        mail.Letter(
            person.email,
            person.name,
            night.actor.company_id,
            person.id,
            {
                "person": person,
                "on": person.activity.lapses_on(night.today),
                "company": night.actor.company_name,
                "master_admin": night.master_admin,
            },
            once_key=f"inactive:{person.id}:{person.activity.since}:{night.today}",
        )
        for person in reminded
    ]
    await mail.post_all("inactive_account", letters)
    log.info("company %s: reminded %s", night.actor.company_id, _ids(reminded))


async def _warnings(night: _Night, over: list[PersonView], reminded: list[PersonView]) -> list[dict[str, object]]:
    """What the MAU is to be told of each of those who were reminded, the last users of a level first (SD 2.8)."""
    if not reminded:
        return []
    gone = {one.id for one in over}
    holders = Counter(case for one in night.everybody if one.is_active and one.id not in gone for case in one.use_cases)
    last = {one.id: [case for case in one.use_cases if one.is_active and holders[case] == 1] for one in reminded}
    was_last_user = await who_was_last_user(night.actor)
    if marked := [one.id for one in reminded if last[one.id] and one.id not in was_last_user]:
        await Person.update({Person.was_last_user: True}).where(Person.id.is_in(marked))
    told = [one for one in reminded if last[one.id] or one.id not in was_last_user]  # else somebody was assigned
    told.sort(key=lambda one: (not last[one.id], one.activity.lapses_on(night.today)))
    return [
        {
            "person": one,
            "on": one.activity.lapses_on(night.today),
            "last": cases_lines(night.catalogue, last[one.id]),
            "others": cases_lines(night.catalogue, one.use_cases - set(last[one.id])),
        }
        for one in told
    ]


async def _tell_master_admin(
    night: _Night,
    mau: PersonView,
    warnings: list[dict[str, object]],
    deleted: list[PersonView],
    emptied: list[UseCase],
) -> None:
    if not warnings and not deleted:
        return
    described = deleted[: max(MOST_DESCRIBED - len(warnings), 0)]
    await mail.post(
        "people_lapsing",
        to_address=mau.email,
        to_name=mau.name,
        company_id=night.actor.company_id,
        person_id=mau.id,
        once_key=f"lapsing:{night.actor.company_id}:{night.today}",
        warned=len(warnings),
        warnings=warnings[:MOST_DESCRIBED],
        gone=len(deleted),
        deleted=described,
        emptied=cases_lines(night.catalogue, emptied),
    )


async def _tell_overseers(night: _Night, mau: PersonView) -> None:
    """A MAU who stays away is not deleted: the overseers are told, and again while it lasts; nobody of themselves."""
    away = (night.today - mau.activity.since).days
    if away < LASTS:
        return
    for overseer in await overseers(Actor.system(night.actor.name)):
        if overseer.id == mau.id:
            continue
        await mail.post(
            "master_admin_inactive",
            to_address=overseer.email,
            to_name=overseer.name,
            company_id=overseer.company_id,
            person_id=overseer.id,
            once_key=f"mau:{mau.id}:{mau.activity.since}:{(away - LASTS) // TOLD_AGAIN}:{overseer.id}",
            company=night.actor.company_name,
            company_id_of=night.actor.company_id,
            person=mau,
            away=away,
        )


def _ids(those: Iterable[PersonView]) -> str:
    return ", ".join(f"person {one.id}" for one in those)
