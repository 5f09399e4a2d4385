"""Uploads of people: checked whole, kept for a day, and applied whole or not at all (SD 2.6)."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg

from sdes import auditlog
from sdes.accounts import rate_limits
from sdes.actor import Actor
from sdes.administration.actions.assignments import lock_people
from sdes.administration.actions.upload_writing import carry_out
from sdes.administration.queries.people import assignable
from sdes.administration.queries.uploads import plan, upload
from sdes.administration.tables import PeopleUpload
from sdes.administration.uploads.plan import Plan
from sdes.kit import clock, db
from sdes.kit.errors import Refused, TooMany
from sdes.kit.sheets_read import Sheet

LASTS = timedelta(days=1)
CHECKS_OF_TAKEN = 20  # by one person in an hour: an upload is no way to learn who uses the service


async def keep(actor: Actor, filename: str, sheet: Sheet) -> UUID:
    """Checks the rows and keeps them with what became of the check; gives the upload's id. Changes nobody.

    Refuses (`Unreadable`) a sheet that is no upload of people, and (429) more than `CHECKS_OF_TAKEN` in an hour that
    tell of addresses which people of other companies have.
    """
    found = await plan(actor, sheet)
    if found.taken:
        await _note_taken(actor, filename, found.taken)
    return await _insert(actor, filename, sheet, found)


async def apply(actor: Actor, upload_id: UUID) -> UUID | None:
    """Does what the upload showed, all of it; gives None.

    Where people were changed since it was checked, so that it would come to something else than was shown, nothing is
    done: a new check is kept, whose id is given. Refuses an upload with problems, and one that was applied already.
    """
    await lock_people(actor)
    kept = await upload(actor, upload_id)
    if kept.applied_at:
        raise Refused("This upload was applied already. Upload a new file to change more.")
    if kept.problems:
        raise Refused("Some rows of this upload have problems, so nothing can be applied. Mend them and upload again.")
    found = await plan(actor, kept.sheet)
    if found.verdicts != kept.verdicts:
        return await _insert(actor, kept.filename, kept.sheet, found)
    catalogue, _ = await assignable(actor)
    try:
        async with db.transaction():
            await carry_out(actor, catalogue, found)
    except asyncpg.UniqueViolationError:  # another company was faster
        return await _insert(actor, kept.filename, kept.sheet, await plan(actor, kept.sheet))
    now = clock.now()
    await PeopleUpload.update({PeopleUpload.applied_at: now}).where(PeopleUpload.id == upload_id)
    counts = ", ".join(
        f"{kept.count(outcome):,} {outcome}"
        for outcome in ("created", "changed", "suspended", "reinstated", "deleted", "unchanged")
        if kept.count(outcome)
    )
    await auditlog.record(
        actor,
        "administration.upload.applied",
        detail=f"{kept.filename}: {counts}",
        about_company=actor.company_id,
    )
    return None


async def drop(actor: Actor, upload_id: UUID) -> None:
    """Forgets an upload of the actor's own that was not applied."""
    kept = await upload(actor, upload_id)
    if not kept.applied_at:
        await PeopleUpload.delete().where(PeopleUpload.id == upload_id)


async def note_export(actor: Actor, kind: str, people: int) -> None:
    """Records that the list of people left as a file."""
    await auditlog.record(
        actor,
        "administration.people.exported",
        detail=f"{people:,} {'person' if people == 1 else 'people'} as {kind}",
        about_company=actor.company_id,
    )


async def forget_old_uploads(actor: Actor) -> None:
    """Drops what was uploaded more than a day ago, of every company; for the system's own job."""
    assert actor.is_system
    await PeopleUpload.delete().where(PeopleUpload.created_at < clock.now() - LASTS)


async def _note_taken(actor: Actor, filename: str, taken: int) -> None:
    if not await rate_limits.may_ask("taken-addresses", {f"person {actor.person_id}": CHECKS_OF_TAKEN}):
        raise TooMany("Many of your uploads named addresses that already have an account. Try again in an hour.")
    await auditlog.record(
        actor,
        "administration.upload.checked",
        detail=f"{filename}: {taken:,} {'address has' if taken == 1 else 'addresses have'} an account already",
        about_company=actor.company_id,
    )


async def _insert(actor: Actor, filename: str, sheet: Sheet, found: Plan) -> UUID:
    made = uuid4()
    await PeopleUpload.insert(
        PeopleUpload(
            id=made,
            company=actor.company_id,
            person=actor.person_id,
            filename=filename[:255],
            rows=json.dumps(sheet),
            problems=json.dumps([verdict.as_json() for verdict in found.verdicts]),
            created_at=clock.now(),
        )
    )
    return made
