"""Who is assigned to which use case, and that none is ever left with nobody (SD 2.5, 2.7(c))."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from sdes import auditlog
from sdes.accounts.tables import Assignment
from sdes.actor import Actor
from sdes.administration.queries.people import assignable, people
from sdes.administration.views.people import PersonView
from sdes.administration.words import cases_text, titles, use_case_title
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView
from sdes.kit import db
from sdes.kit.errors import NotFound, Refused

_DELETE = """
DELETE FROM assignment a USING unnest($2::int[], $3::int[], $4::int[], $5::bool[]) AS gone(person, process, level, _)
 WHERE a.company = $1 AND a.person = gone.person AND a.process_type = gone.process AND a.level = gone.level
"""
_INSERT = """
INSERT INTO assignment (company, person, process_type, level, is_default_contact)
SELECT $1, * FROM unnest($2::int[], $3::int[], $4::int[], $5::bool[]) ON CONFLICT DO NOTHING
"""

Held = tuple[int, UseCase]  # a person, by id, in a use case


class LeftWithNobody(Refused):
    """The change would leave use cases without an active person; `titles` names them, `use_cases` are their keys."""

    def __init__(self, use_cases: list[UseCase], titles: list[str]) -> None:
        more = f" and {len(titles) - 3} more" if len(titles) > 3 else ""
        super().__init__(
            f"Nobody else is assigned to {', '.join(titles[:3])}{more}. Nothing was changed."
            " Put somebody else there first, or let the Master Admin User take it."
        )
        self.use_cases = use_cases
        self.titles = titles
        self.members = {"use_cases": titles}


async def change(actor: Actor, added: Collection[Held], removed: Collection[Held], *, mau_takes: bool = False) -> None:
    """Assigns and removes people of the actor's company, all of it or nothing (SD 2.5).

    Refuses a person of another company (404), a use case that the company's market roles do not include, and
    (`LeftWithNobody`) to take the last active person from a use case, unless with `mau_takes` the MAU becomes its
    default contact. Who is put where the MAU stood in relieves the MAU.
    """
    await lock_people(actor)
    catalogue, allowed = await assignable(actor)
    everybody = {one.id: one for one in await people(actor)}
    _refuse_strangers(everybody, (*added, *removed))
    if outside := {case for _, case in added} - set(allowed):
        raise Refused(f"Your company's market roles do not include {use_case_title(catalogue, min(outside))}.")
    before = {(one.id, case) for one in everybody.values() for case in one.use_cases}
    after = before - set(removed) | set(added)
    mau_gains: set[Held] = set()
    if empty := left_with_nobody(everybody.values(), before, after):
        if not mau_takes:
            raise LeftWithNobody(empty, titles(catalogue, empty))
        mau_gains = {(mau.id, case) for mau in everybody.values() if mau.is_master_admin for case in empty}
        after |= mau_gains
    stands_in = {(one.id, case) for one in everybody.values() for case in one.default_for}
    relieved = _relieved(everybody, stands_in, after) - set(added)
    after -= relieved
    await _write(actor, after - before, before - after, mau_gains)
    promoted = [held for held in added if held in stands_in]
    await _no_longer_default(actor, promoted)
    await _record(actor, catalogue, everybody, (after - before) | set(promoted), before - after)


def left_with_nobody(everybody: Iterable[PersonView], before: set[Held], after: set[Held]) -> list[UseCase]:
    """The use cases that have an active person before and none after (SD 2.5(b))."""
    active = {one.id for one in everybody if one.is_active}
    had = {case for person, case in before if person in active}
    has = {case for person, case in after if person in active}
    return sorted(had - has)


async def hand_over(actor: Actor, leavers: Collection[PersonView], to: int | None, *, mau_takes: bool) -> list[UseCase]:
    """Gives those use cases that have no active person but the leavers to `to`, or to the MAU; gives which.

    Refuses (`LeftWithNobody`) where neither is named. The leavers keep their assignments. (SD 2.7(c))
    """
    await lock_people(actor)
    catalogue, _ = await assignable(actor)
    everybody = {one.id: one for one in await people(actor)}
    before = {(one.id, case) for one in everybody.values() for case in one.use_cases}
    leaving = {one.id for one in leavers}
    empty = left_with_nobody(everybody.values(), before, {held for held in before if held[0] not in leaving})
    heir = everybody.get(to) if to else next((one for one in everybody.values() if one.is_master_admin), None)
    if to and (heir is None or not heir.is_active or heir.id in leaving):
        raise Refused("Choose an active person of your company to take over.")
    if not empty:
        return []
    if heir is None or not (to or mau_takes):
        raise LeftWithNobody(empty, titles(catalogue, empty))
    gained = {(heir.id, case) for case in empty} - before
    await _write(actor, gained, set(), set() if to else gained)
    await _record(actor, catalogue, everybody, gained, set())
    return empty


async def fill_gaps(actor: Actor) -> int:
    """Makes the MAU the default contact of every use case of the company that has no active person; gives how many.

    For new companies, new market roles and new process types. `actor` needs the company and its market roles only.
    """
    await lock_people(actor)
    catalogue, allowed = await assignable(actor)
    everybody = {one.id: one for one in await people(actor)}
    mau = next((one for one in everybody.values() if one.is_master_admin), None)
    held = {case for one in everybody.values() if one.is_active for case in one.use_cases}
    gaps = {(mau.id, case) for case in allowed if case not in held} if mau else set()
    await _write(actor, gaps, set(), gaps)
    await _record(actor, catalogue, everybody, gaps, set())
    return len(gaps)


async def inherit(actor: Actor, former: int, heir: int, *, leaves: bool) -> None:
    """Puts a new MAU (`heir`, by id) where the former one stood in for nobody, and where the former one `leaves`
    everywhere else that they were, too (SD 2.4, 2.7(c)). `actor` needs the company only; its people are locked."""
    catalogue, _ = await assignable(actor)
    everybody = {one.id: one for one in await people(actor)}
    handed = everybody[former].use_cases if leaves else everybody[former].default_for
    others = {case for one in everybody.values() if one.is_active and one.id != former for case in one.use_cases}
    gained = {(heir, case) for case in handed - everybody[heir].use_cases}
    removed = {(former, case) for case in handed}
    await _write(actor, gained, removed, {(heir, case) for case in handed - others})
    await _record(actor, catalogue, everybody, gained, removed)


async def lock_people(actor: Actor) -> None:
    """Waits for whoever changes the same company's people, until the open transaction ends."""
    await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"people of {actor.company_id}")


def _refuse_strangers(everybody: dict[int, PersonView], held: Iterable[Held]) -> None:
    if {person for person, _ in held} - everybody.keys():
        raise NotFound("There is no such person in your company.")


def _relieved(everybody: dict[int, PersonView], stands_in: set[Held], after: set[Held]) -> set[Held]:
    """Where the MAU no longer stands in, because somebody else is there now."""
    others = {case for person, case in after if everybody[person].is_active and (person, case) not in stands_in}
    return {held for held in stands_in if held[1] in others}


async def _write(actor: Actor, added: set[Held], removed: set[Held], default: set[Held]) -> None:
    """Removes and adds in two statements, however many; `default` are those of `added` where the MAU stands in."""
    for sql, held in ((_DELETE, sorted(removed)), (_INSERT, sorted(added))):
        if held:
            await db.fetch(
                sql,
                actor.company_id,
                [person for person, _ in held],
                [process for _, (process, _) in held],
                [level for _, (_, level) in held],
                [one in default for one in held],
            )


async def _no_longer_default(actor: Actor, promoted: list[Held]) -> None:
    for person, (process, level) in promoted:
        await Assignment.update({Assignment.is_default_contact: False}).where(
            Assignment.company == actor.company_id,
            Assignment.person == person,
            Assignment.process_type == process,
            Assignment.level == level,
        )


async def _record(
    actor: Actor,
    catalogue: list[ProcessTypeView],
    everybody: dict[int, PersonView],
    added: set[Held],
    removed: set[Held],
) -> None:
    """One entry a person: where they were put, and what they were taken out of."""
    parts: dict[int, list[str]] = defaultdict(list)
    for words, changed in (("put in", added), ("taken out of", removed)):
        cases: dict[int, list[UseCase]] = defaultdict(list)
        for person, case in sorted(changed):
            cases[person].append(case)
        for person, of_person in cases.items():
            parts[person].append(f"{words} {cases_text(catalogue, of_person)}")
    for person, said in parts.items():
        await auditlog.record(
            actor,
            "administration.assignment.changed",
            subject=f"person {person}",
            detail=f"{everybody[person].name}: {'; '.join(said)}",
            about_company=actor.company_id,
        )
