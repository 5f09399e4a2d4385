"""Process types are defined by the Code Manager, at once or from a day on (SL 8).

What is written holds for communications sent from then on; those sent before keep their rules (`sdep/rules.py`).
"""

from datetime import date

from sdes import auditlog
from sdes.actor import Actor
from sdes.administration.queries.catalogue import ChangeView, last_change, open_count, waiting_changes, was_used
from sdes.administration.words import MEANWHILE
from sdes.catalogue import actions as catalogue
from sdes.catalogue.dates import show_date
from sdes.catalogue.definition import Definition, definition_of, mark_of_definition
from sdes.catalogue.differences import described, differences
from sdes.catalogue.queries import process_type, process_types
from sdes.catalogue.views import ProcessTypeView
from sdes.kit import clock, db
from sdes.kit.errors import NotFound, Refused
from sdes.kit.queue import enqueue

_RECORD = """
INSERT INTO catalogue_change (process_type, takes_effect_on, definition, summary, made_by, made_at, applied_at, problem)
VALUES ($1, $2, $3, $4, $5, $6, $7, '') RETURNING id
"""
_APPLIED = """
UPDATE catalogue_change SET applied_at = $2, problem = ''
 WHERE id = $1 AND applied_at IS NULL AND withdrawn_at IS NULL RETURNING id
"""
_WITHDRAWN = _APPLIED.replace("SET applied_at", "SET withdrawn_at")


async def add(actor: Actor, code: str, definition: Definition) -> int:
    """Makes a new process type, which is used from its first day on; gives its id.

    Refuses a code that is taken, and a name that another process type in use has.
    """
    await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended('codes of process types', 0))")
    if await process_type(code):
        raise Refused(f"There is a process type {code} already. Choose another code.")
    await _refuse_taken_name(definition)
    made = await catalogue.insert(actor, code, definition)
    said, now = described(definition), clock.now()
    await db.fetch(_RECORD, made, clock.today(), definition.stored, said, actor.name, now, now)
    await _record(actor, "added", code, said)
    _fill_new_use_cases()
    return made


async def change(actor: Actor, process_id: int, definition: Definition, on: date, mark: str) -> ChangeView | None:
    """Changes a process type from that day on: at once if it is today; gives the change if it waits for its day.

    `mark` is that of what the form showed. Refuses where somebody else has changed it meanwhile, while another change
    waits, where nothing differs, another fuel or contact type of what was ever used, and (if at once) what would orphan
    communications.
    """
    before = await locked(actor, process_id)
    await _refuse_stale(actor, before, mark)
    if waits := (await waiting_changes(actor)).get(process_id):
        raise Refused(f"A change is waiting for {show_date(waits.takes_effect_on)}. Withdraw it, or let it come first.")
    said = differences(definition_of(before), definition)
    if not said:
        raise Refused("Nothing differs from what holds now.")
    await _refuse_taken_name(definition, but=process_id)
    if why := await why_it_stays(actor, before, definition):
        raise Refused(why)
    words = (definition.stored, ". ".join(said), actor.name, clock.now(), None)
    (made,) = await db.fetch(_RECORD, process_id, on, *words)
    if on <= clock.today():
        await _apply(actor, before, made["id"], definition, "")
        return None
    await _record(actor, "change-planned", before.code, f"From {show_date(on)}: {'. '.join(said)}")
    return (await waiting_changes(actor))[process_id]


async def withdraw(actor: Actor, process_id: int, change_id: int) -> None:
    """Takes back a change that waits for its day. Refuses one that has been applied or withdrawn meanwhile."""
    before = await locked(actor, process_id)
    waits = (await waiting_changes(actor)).get(process_id)
    if waits is None or waits.id != change_id:
        raise Refused("That change is not waiting any more: it has taken effect, or somebody has withdrawn it.")
    await db.fetch(_WITHDRAWN, change_id, clock.now())
    detail = f"For {show_date(waits.takes_effect_on)}: {waits.summary}"
    await _record(actor, "change-withdrawn", before.code, detail)


async def apply(actor: Actor, waits: ChangeView) -> bool:
    """Applies a change whose day has come; False where it was applied or withdrawn meanwhile.

    Refuses what would orphan communications or make others of them. `actor` acts for the Code Manager's company.
    """
    before = await locked(actor, waits.process_type)
    if not await db.fetch(
        "SELECT 1 FROM catalogue_change WHERE id = $1 AND applied_at IS NULL AND withdrawn_at IS NULL", waits.id
    ):
        return False
    await _refuse_taken_name(waits.definition, but=before.id)
    planned = f"Planned by {waits.made_by} on {show_date(waits.made_at.date())}. "
    await _apply(actor, before, waits.id, waits.definition, planned)
    return True


async def note_problem(actor: Actor, waits: ChangeView, problem: str) -> None:
    """Notes why a change could not be applied on its day, once; it is tried again until it can or is withdrawn."""
    if problem == waits.problem:
        return
    before = await locked(actor, waits.process_type)
    await db.fetch("UPDATE catalogue_change SET problem = $2 WHERE id = $1", waits.id, problem)
    await _record(actor, "change-failed", before.code, f"For {show_date(waits.takes_effect_on)}: {problem}")


async def locked(actor: Actor, process_id: int) -> ProcessTypeView:
    """The process type, which nobody else changes or sends by until the open transaction ends; or NotFound."""
    await db.fetch("SELECT id FROM process_type WHERE id = $1 FOR UPDATE", process_id)
    found = await process_type(process_id)
    if found is None:
        raise NotFound("There is no such process type.")
    return found


async def why_orphaned(actor: Actor, before: ProcessTypeView, after: Definition) -> str:
    """Why the change cannot be made now, for the sake of communications that are there; empty when it can."""
    if len(after.levels) < before.max_level:
        least = len(after.levels) + 1
        if found := await open_count(actor, before.id, least_level=least):
            return _in_the_way(found, f"can still reach level {least}, which you want to remove")
    for route in before.routes:
        if route not in after.routes and (found := await open_count(actor, before.id, route=route)):
            return _in_the_way(found, f"{'runs' if found == 1 else 'run'} from {route.text}, which you want to remove")
    return ""


async def why_it_stays(actor: Actor, before: ProcessTypeView, after: Definition) -> str:
    """Why the change would make something else of what was sent; empty when it would not. A title may be corrected."""
    if (after.contact_type, after.fuel) == (before.contact_type, before.fuel) or not await was_used(actor, before.id):
        return ""
    stays = f"{before.code} has been used, so its contact type and its fuel stay"
    return f"{stays}. End it, and add another process type with what you want to change."


async def _apply(actor: Actor, before: ProcessTypeView, change_id: int, after: Definition, planned: str) -> None:
    if why := await why_it_stays(actor, before, after) or await why_orphaned(actor, before, after):
        raise Refused(why)
    if not await db.fetch(_APPLIED, change_id, clock.now()):
        return
    await catalogue.write(actor, before.id, after)
    detail = planned + ". ".join(differences(definition_of(before), after))
    await _record(actor, "changed", before.code, detail)
    if len(after.levels) < before.max_level:
        await _end_levels(actor, before, len(after.levels))
    roles = {role for route in after.routes for role in (route.from_role, route.to_role)}
    known = {role for route in before.routes for role in (route.from_role, route.to_role)}
    if len(after.levels) > before.max_level or roles - known:
        _fill_new_use_cases()


async def _end_levels(actor: Actor, before: ProcessTypeView, left: int) -> None:
    """Nobody is assigned to a level that there no longer is (SD 2.5); their companies find it in their audit log."""
    for row in await db.fetch("SELECT * FROM catalogue_end_levels($1)", before.id):
        people = "1 person was" if row["people"] == 1 else f"{row['people']} people were"
        await auditlog.record(
            actor,
            "administration.process-type.level-ended",
            subject=f"process {before.code}",
            detail=f"{before.code} {before.full_title}: {people} taken out of levels above {left}, which have ended",
            about_company=row["company_id"],
        )


async def _refuse_stale(actor: Actor, before: ProcessTypeView, mark: str) -> None:
    waits = (await waiting_changes(actor)).get(before.id)
    if mark == mark_of_definition(definition_of(before), waits.id if waits else None):
        return
    changed = await last_change(actor, before.id)
    what = f" {changed[1]} made this change: {changed[0]}." if changed else ""
    raise Refused(f"{MEANWHILE}{what} Check what you typed and save again.")


async def _refuse_taken_name(definition: Definition, *, but: int = 0) -> None:
    """Two process types of one name could not be told apart by those who send."""
    for other in await process_types():
        is_same = other.full_title.casefold() == definition.full_title.casefold()
        if is_same and other.id != but and other.state(clock.today()) != "ended":
            raise Refused(f"{other.code} is called {other.full_title} already. Choose another title or contact type.")


def _fill_new_use_cases() -> None:
    """Nobody holds a new use case yet: MAUs become its default contacts within seconds, or else overnight (SD 2.5)."""
    enqueue("accounts_default_contacts", key="accounts_default_contacts")


def _in_the_way(found: int, what: str) -> str:
    those = "1 communication" if found == 1 else f"{found:,} communications"
    return (
        f"{those}, active or archived, {what}. Nothing was changed. End this process type and make another without it,"
        " or plan the change for a day by which they have been deleted."
    )


async def _record(actor: Actor, done: str, code: str, detail: str) -> None:
    await auditlog.record(
        actor,
        f"administration.process-type.{done}",
        subject=f"process {code}",
        detail=f"{code}: {detail}",
        about_company=actor.company_id,
    )
