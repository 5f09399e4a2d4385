"""What several doors of the portal draw: one communication, its thread."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from litestar import Response

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.actor import Actor
from sdes.auditlog.queries import count_about, entries_about
from sdes.kit import clock
from sdes.kit.numbers import whole_number
from sdes.kit.rendering import page
from sdes.sdep.access import may_reply, why_not_escalate, why_not_send
from sdes.sdep.queries import details
from sdes.sdep.queries.drafts import message_draft
from sdes.sdep.routes.panel_words import handling
from sdes.sdep.routes.side import side_words as side_words  # drawn beside all of them
from sdes.sdep.tables import MessageKind, Side
from sdes.sdep.thread import Reply, thread_entries
from sdes.sdep.views import CommunicationView, DraftView


async def thread_words(
    actor: Actor, view: CommunicationView, reply: Reply | None, read: int, focused: int = 0
) -> dict[str, Any]:
    """The words of the thread and of the tabs above it."""
    messages = await details.messages(actor, view)
    entries = await entries_about(actor, view.reference)
    files = sum(len(message.files) for message in messages)
    return {
        "communication": view,
        "entries": thread_entries(messages, reversed(entries), read, focused),
        "reply": reply,
        "why_no_reply": why_not_send(actor, view.process_type),
        **escalation_words(actor, view),
        "handling": await handling(actor, view),
        "tab": "messages",
        "counts": {"messages": len(messages), "files": files, "audit": len(entries)},
        "has_downloads": any(file.file.is_available for message in messages for file in message.files),
    }


async def tab_words(actor: Actor, view: CommunicationView, tab: str, file_count: int) -> dict[str, Any]:
    """The words of the other tabs, which have no thread and no reply form, only the way to it."""
    counts = {"messages": view.message_count, "files": file_count, "audit": await count_about(actor, view.reference)}
    words = {"communication": view, "tab": tab, "counts": counts, "reply": empty_reply(actor, view)}
    words["has_downloads"] = bool(view.deletes_at) and await details.has_downloads(actor, view)
    return {**words, **escalation_words(actor, view), "handling": await handling(actor, view)}


def escalation_words(actor: Actor, view: CommunicationView) -> dict[str, Any]:
    """Whether the actor may escalate now; and for a sender who may not, why."""
    why = why_not_escalate(actor, view, clock.now())
    is_told = view.side == Side.SENDER and may_reply(actor, view.process_type)
    return {"may_escalate": not why, "why_no_escalation": why if is_told else ""}


def empty_reply(actor: Actor, view: CommunicationView) -> Reply | None:
    """A reply form with nothing in it, or None where the actor may not answer."""
    return Reply(uuid4()) if may_reply(actor, view.process_type) else None


async def reply_form(actor: Actor, view: CommunicationView, wanted: UUID | None = None) -> Reply | None:
    """The reply form with what was typed before (in the draft `wanted`, or the last), or None where the actor may not
    answer."""
    empty = empty_reply(actor, view)
    draft = await message_draft(actor, view.id, MessageKind.MESSAGE, wanted) if empty else None
    return replace(filled_reply(draft, {}), note=begun_otherwise(actor, view, draft)) if draft else empty


def begun_otherwise(actor: Actor, view: CommunicationView, draft: DraftView) -> str:
    """What is told above a reply whose draft was begun as an escalation; empty for any other."""
    if draft.kind != MessageKind.ESCALATION:
        return ""
    begun = whole_number(draft.fields["from_level"], 1)
    level = 0 if begun is None else begun + 1
    if 1 < level <= view.level:
        told = f" to level {level}; {view.raised_by(level)} escalated it meanwhile."
    else:
        why = why_not_escalate(actor, view, clock.now())
        told = f"{f' to level {level}' if 1 < level <= view.max_level else ''}.{f' {why}' if why else ''}"
    return f"You began this as an escalation{told} Sent now, it is an ordinary reply."


def id_or_none(text: str | None) -> UUID | None:
    """The id in an address, or None for what is none: a page is not lost over it."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def filled_reply(draft: DraftView, errors: dict[str, str]) -> Reply:
    """The reply form of a draft."""
    text, tag = draft.fields.get("text", ""), draft.fields.get("tag", "")
    return Reply(draft.id, text, tag, errors, draft.files, draft.updated_at)


async def details_page(request: AnyRequest, words: dict[str, Any], status: int = 200) -> Response[str]:
    """One communication as a whole page."""
    actor, view = actor_of(request), words["communication"]
    side = await side_words(actor, "archive" if view.status == "archived" else "active")
    is_sent = request.query_params.get("sent") == "1" and await details.has_just_sent(actor, view)
    return page(request, "templates/sdep/details.html", status, is_sent=is_sent, **words, **side)
