"""Keeping what somebody types, with its files, until it is sent or discarded."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from sdes.actor import Actor
from sdes.attachments import actions as attachments
from sdes.attachments.access import why_not_sent
from sdes.attachments.intake import LIMIT, Received
from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from sdes.kit.errors import NotFound, Refused
from sdes.sdep.access import own_drafts
from sdes.sdep.actions.holding import if_still_there
from sdes.sdep.queries.drafts import MOST_DRAFTS, draft, has_too_many, sent_from
from sdes.sdep.tables import Draft, DraftAttachment
from sdes.sdep.views import Sent

TOO_MANY = (
    f"You have {MOST_DRAFTS} drafts, the most that are kept, so this one is not. Keep this page open, send or discard"
    " some of the others, and try again."
)

_KEEP = """
INSERT INTO draft (id, company, person, communication, fields, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET fields = EXCLUDED.fields, updated_at = EXCLUDED.updated_at
 WHERE draft.company = EXCLUDED.company AND draft.person = EXCLUDED.person
RETURNING id
"""


async def keep(actor: Actor, draft_id: UUID, fields: Mapping[str, str], communication_id: int | None) -> datetime:
    """Keeps the fields under the draft's id and gives the time; `NotFound` for an id that is somebody else's.

    Holds the draft's row until the transaction ends: of two sends at once, the second waits and finds the first.
    """
    now = clock.now()
    with if_still_there():
        kept = await db.fetch(
            _KEEP, draft_id, actor.company_id, actor.person_id, communication_id, json.dumps(dict(fields)), now
        )
    if not kept:
        raise NotFound("There is no such draft.")
    return clock.local(now)


async def keep_unless_sent(
    actor: Actor, draft_id: UUID, fields: Mapping[str, str], communication_id: int | None
) -> tuple[UUID, datetime] | None:
    """As `keep`, for what comes while somebody types: gives the id under which it is kept, and the time.

    None for a draft that was sent as it is here or further on: a late autosave must not bring it back. What differs
    from what was sent is kept under another id. Refuses (409) one draft more than `MOST_DRAFTS`. Asks after keeping,
    since keeping waits for a send that is under way.
    """
    kept_at = await keep(actor, draft_id, fields, communication_id)
    if sent := await sent_from(actor, draft_id):
        await Draft.delete().where(own_drafts(actor), Draft.id == draft_id)
        if _is_beginning_of(sent, fields):
            return None
        draft_id = await unsent_id(actor, draft_id)
        kept_at = await keep(actor, draft_id, fields, communication_id)
    await refuse_too_many(actor)
    return draft_id, kept_at


async def unsent_id(actor: Actor, draft_id: UUID) -> UUID:
    """The id for what somebody types in the page of a draft that was sent: always the same, until it is sent too."""
    while await sent_from(actor, draft_id):
        draft_id = uuid5(draft_id, "next")
    return draft_id


async def refuse_too_many(actor: Actor) -> None:
    """Refuses (409) to keep one draft more than `MOST_DRAFTS`; called after keeping."""
    if await has_too_many(actor):
        raise Refused(TOO_MANY)


async def keep_files(actor: Actor, draft_id: UUID, received: Sequence[Received], vault: Vault) -> list[str]:
    """Keeps received files with the draft and gives sentences on what cannot be sent: a file that has failed its virus
    check meanwhile (SD 11.1(g)), and what is too much for one message, which is not kept. A file that the draft has
    already, from a send that did not go through, is not kept twice."""
    there = (await draft(actor, draft_id)).files
    again = await attachments.kept_already(actor, [file.id for file in there], received, vault)
    new = [file for file in received if file not in again]
    fitting, beyond = _within_limit(sum(file.size for file in there), new)
    attachments.drop(actor, [*again, *beyond], vault)
    ids = await attachments.keep(actor, fitting, vault)
    if ids:
        await DraftAttachment.insert(
            *(DraftAttachment(company=actor.company_id, draft=draft_id, attachment=file) for file in ids)
        )
    files = (await draft(actor, draft_id)).files
    problems = [problem for file in files if (problem := why_not_sent(file.name, file.state, file.reason))]
    if beyond:
        names = ", ".join(file.name for file in beyond)
        problems.append(f"Not kept, since the files of one message can add up to 10 MB: {names}.")
    return problems


def _is_beginning_of(sent: Sent, fields: Mapping[str, str]) -> bool:
    return all(
        whole.startswith(fields.get(name, "").strip())
        for name, whole in (("text", sent.text), ("subject", sent.subject))
    )


def _within_limit(size: int, received: Sequence[Received]) -> tuple[list[Received], list[Received]]:
    """Those of the received files, in their order, that fit beside files of `size` bytes, and those that do not."""
    fitting: list[Received] = []
    beyond: list[Received] = []
    for file in received:
        fits = size + file.size <= LIMIT
        (fitting if fits else beyond).append(file)
        size += file.size if fits else 0
    return fitting, beyond


async def discard(actor: Actor, draft_id: UUID, vault: Vault) -> None:
    """Forgets a draft of the actor's, with its files; `NotFound` when there is none."""
    view = await draft(actor, draft_id)
    await Draft.delete().where(own_drafts(actor), Draft.id == view.id)
    await attachments.discard(actor, [file.id for file in view.files], vault)


async def remove_file(actor: Actor, draft_id: UUID, attachment_id: UUID, vault: Vault) -> str:
    """Takes one file from a draft of the actor's and gives its name; `NotFound` when it is not there."""
    view = await draft(actor, draft_id)
    file = next((file for file in view.files if file.id == attachment_id), None)
    if file is None:
        raise NotFound("The draft has no such file.")
    await DraftAttachment.delete().where(DraftAttachment.attachment == attachment_id)
    await attachments.discard(actor, [attachment_id], vault)
    return file.name


async def drop_leftovers(actor: Actor, draft_id: UUID, vault: Vault) -> None:
    """Forgets what a second send of the same draft has brought: the first one's message stands."""
    await attachments.discard(actor, await take_files(actor, draft_id), vault)


async def take_files(actor: Actor, draft_id: UUID) -> list[UUID]:
    """Ends a draft that is being sent and gives its files, which the message now holds."""
    rows = (
        await DraftAttachment.select(DraftAttachment.attachment)
        .where(DraftAttachment.draft == draft_id, DraftAttachment.company == actor.company_id)
        .order_by(DraftAttachment.id)
    )
    await Draft.delete().where(own_drafts(actor), Draft.id == draft_id)
    return [row["attachment"] for row in rows]
