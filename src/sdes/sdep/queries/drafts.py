"""Drafts: what the actor alone has typed and not yet sent."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from sdes.actor import Actor
from sdes.attachments import queries as attachments
from sdes.kit import clock, db
from sdes.kit.errors import NotFound
from sdes.sdep.access import OWN_DRAFTS
from sdes.sdep.tables import DraftAttachment, MessageKind
from sdes.sdep.views import DraftView, Sent

MOST_DRAFTS = 200

_DRAFTS = f"""
SELECT draft.id, draft.communication, c.reference, c.subject, draft.fields, draft.updated_at
  FROM draft LEFT JOIN communication c ON c.id = draft.communication WHERE {OWN_DRAFTS.format("$1", "$2")}
"""
_COUNT = f"SELECT count(*) AS n FROM draft WHERE {OWN_DRAFTS.format('$1', '$2')}"

_SENT = """
SELECT c.reference, g.number, g.kind, g.text, c.subject, c.process_type AS process, c.sender, c.recipient, c.items,
       ARRAY(SELECT a.name FROM message_attachment m JOIN attachment a ON a.id = m.attachment
              WHERE m.message = g.id) AS files
  FROM message g JOIN communication c ON c.id = g.communication
 WHERE g.draft = $1 AND g.person = $2
"""
_NAMES = """
SELECT a.name FROM draft_attachment d JOIN attachment a ON a.id = d.attachment WHERE d.draft = $1 AND d.company = $2
"""


async def drafts(actor: Actor) -> list[DraftView]:
    """The actor's drafts, last touched first."""
    return await _found(actor, "ORDER BY draft.updated_at DESC")


async def draft(actor: Actor, draft_id: UUID) -> DraftView:
    """One draft with its files; `NotFound` when there is none of that id for the actor."""
    found = await _found(actor, "AND draft.id = $3", draft_id)
    if not found:
        raise NotFound("There is no such draft. It may have been sent or discarded.")
    return await _with_files(actor, found[0])


async def message_draft(
    actor: Actor, communication_id: int, kind: MessageKind, wanted: UUID | None = None
) -> DraftView | None:
    """The actor's unfinished message of a communication: the `wanted` one, whatever it was begun as, else the last
    touched of that kind, or None."""
    views = await _found(actor, "AND draft.communication = $3 ORDER BY draft.updated_at DESC", communication_id)
    chosen = [view for view in views if view.id == wanted] or [view for view in views if view.kind == kind]
    return await _with_files(actor, chosen[0]) if chosen else None


async def count_drafts(actor: Actor) -> int:
    """How many drafts the actor has."""
    (row,) = await db.fetch(_COUNT, actor.company_id, actor.person_id)
    return int(row["n"])


async def sent_from(actor: Actor, draft_id: UUID) -> Sent | None:
    """The message that a draft has become, or None (a second send asks)."""
    rows = await db.fetch(_SENT, draft_id, actor.person_id)
    if not rows:
        return None
    words = dict(rows[0])
    return Sent(**{**words, "items": json.loads(words["items"]), "files": frozenset(words["files"])})


async def file_names(actor: Actor, draft_id: UUID) -> set[str]:
    """The names of the files that a draft of the actor's has."""
    return {row["name"] for row in await db.fetch(_NAMES, draft_id, actor.company_id)}


async def has_too_many(actor: Actor) -> bool:
    """Whether the actor has more drafts than are kept."""
    return await count_drafts(actor) > MOST_DRAFTS


async def _found(actor: Actor, which: str, *arguments: Any) -> list[DraftView]:
    rows = await db.fetch(f"{_DRAFTS} {which}", actor.company_id, actor.person_id, *arguments)
    return [_view(row) for row in rows]


def _view(row: Any) -> DraftView:
    fields = json.loads(row["fields"])
    return DraftView(
        id=row["id"],
        communication_id=row["communication"],
        reference=row["reference"],
        subject=row["subject"] or fields.get("subject", ""),
        fields=fields,
        updated_at=clock.local(row["updated_at"]),
    )


async def _with_files(actor: Actor, view: DraftView) -> DraftView:
    links = (
        await DraftAttachment.select(DraftAttachment.attachment)
        .where(DraftAttachment.draft == view.id)
        .order_by(DraftAttachment.id)
    )
    known = await attachments.files(actor, [link["attachment"] for link in links])
    return replace(view, files=[known[link["attachment"]] for link in links if link["attachment"] in known])
