"""What several doors of the portal draw: the side column, one communication, its thread."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from litestar import Response

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.actor import Actor
from sdes.auditlog.queries import count_about, entries_about
from sdes.kit.rendering import page
from sdes.permissions import Permission
from sdes.sdep.access import may_reply, may_send, why_company_reads_only, why_not_send
from sdes.sdep.queries import details, lists
from sdes.sdep.queries.drafts import count_drafts, reply_draft
from sdes.sdep.thread import Reply, thread_entries
from sdes.sdep.views import CommunicationView, DraftView


@dataclass(frozen=True)
class Folder:
    """A line of the side column."""

    label: str
    href: str
    icon: str
    count: int | None
    badge: int
    current: bool


@dataclass(frozen=True)
class Side:
    """The column beside every page of the portal."""

    folders: list[Folder]
    processes: list[dict[str, Any]]


async def side_words(actor: Actor, current: str) -> dict[str, Any]:
    """The words of the side column, `current` being the folder that the page lies in, and of the banner beside it."""
    counts = await lists.counts(actor)
    keeps_drafts = actor.may(Permission.DRAFT_KEEP)
    drafts = await count_drafts(actor) if keeps_drafts else 0
    root = "/sdep/communications"
    folders = [
        Folder("Active", root, "inbox", counts.active, 0, current == "active"),
        *([Folder("Drafts", "/sdep/drafts", "file-pen", drafts, 0, current == "drafts")] if keeps_drafts else []),
        Folder("Archive", f"{root}?folder=archive", "archive", None, counts.archived_unread, current == "archive"),
    ]
    processes = [{"title": title, "count": count} for title, count in counts.processes]
    return {
        "side": Side(folders, processes),
        "may_send": may_send(actor),
        "why_reads_only": why_company_reads_only(actor),
    }


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
        "tab": "messages",
        "counts": {"messages": len(messages), "files": files, "audit": len(entries)},
    }


async def tab_words(actor: Actor, view: CommunicationView, tab: str, file_count: int) -> dict[str, Any]:
    """The words of the other tabs, which have no thread and no reply form, only the way to it."""
    counts = {"messages": view.message_count, "files": file_count, "audit": await count_about(actor, view.reference)}
    return {"communication": view, "tab": tab, "counts": counts, "reply": empty_reply(actor, view)}


def empty_reply(actor: Actor, view: CommunicationView) -> Reply | None:
    """A reply form with nothing in it, or None where the actor may not answer."""
    return Reply(uuid4()) if may_reply(actor, view.process_type) else None


async def reply_form(actor: Actor, view: CommunicationView, wanted: UUID | None = None) -> Reply | None:
    """The reply form with what was typed before (in the draft `wanted`, or the last), or None where the actor may not
    answer."""
    empty = empty_reply(actor, view)
    draft = await reply_draft(actor, view.id, wanted) if empty else None
    return filled_reply(draft, {}) if draft else empty


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
