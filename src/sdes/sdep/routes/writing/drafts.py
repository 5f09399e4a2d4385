"""Drafts: the list of one's own, saving while somebody types, discarding."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page, wants_fragment
from sdes.permissions import Permission
from sdes.sdep.actions import drafts
from sdes.sdep.forms import typed
from sdes.sdep.queries import details
from sdes.sdep.queries import drafts as queries
from sdes.sdep.routes.side import side_words
from sdes.sdep.routes.writing.sending import draft_form, form_page

OPT = {"permission": Permission.DRAFT_KEEP}

_KINDS = {"message": "Reply to", "escalation": "Escalation of"}


@get("/drafts", name="sdep.drafts", opt=OPT)
async def index(request: AnyRequest) -> Response[Any]:
    """The actor's drafts, last touched first."""
    actor = actor_of(request)
    rows = [
        {
            "title": draft.subject or "No subject yet",
            "kind_text": f"{_KINDS[draft.kind]} {draft.reference}" if draft.reference else "New communication",
            "updated_at": draft.updated_at,
            "href": f"/sdep/drafts/{draft.id}",
            "discard_href": f"/sdep/drafts/{draft.id}/removal",
        }
        for draft in await queries.drafts(actor)
    ]
    return page(request, "templates/sdep/drafts.html", drafts=rows, **await side_words(actor, "drafts"))


@get("/drafts/{draft_id:uuid}", name="sdep.draft", opt=OPT)
async def open_draft(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    """Goes on with a draft: a reply beside its thread, a new communication in its form."""
    actor = actor_of(request)
    draft = await queries.draft(actor, draft_id)
    if draft.reference:
        where = f"{draft.reference}/escalation" if draft.kind == "escalation" else draft.reference
        return go(request, f"/sdep/communications/{where}?draft={draft.id}#reply-text")
    return await form_page(request, await draft_form(actor, draft_id))


@post("/drafts/{draft_id:uuid}", name="sdep.draft.save", opt=OPT)
async def save(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    """Keeps what has been typed so far; the page says when."""
    actor = actor_of(request)
    form = await read_form(request, cookie_of(request))
    reference = form.text("reference")
    communication = await details.communication(actor, reference) if reference else None
    saved = await drafts.keep_unless_sent(actor, draft_id, typed(form), communication.id if communication else None)
    kept_id, saved_at = saved or (draft_id, None)
    is_anew = kept_id != draft_id
    return page(request, "partials/sdep/draft_state.html", draft_id=draft_id, saved_at=saved_at, is_anew=is_anew)


@post("/drafts/{draft_id:uuid}/removal", name="sdep.draft.discard", opt=OPT)
async def discard(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    """Forgets a draft with its files."""
    await read_form(request, cookie_of(request))
    await drafts.discard(actor_of(request), draft_id, request.app.state.vault)
    return go(request, "/sdep/drafts")


@post("/drafts/{draft_id:uuid}/attachments/{attachment_id:uuid}/removal", name="sdep.draft.attachment.remove", opt=OPT)
async def remove_file(request: AnyRequest, draft_id: FromPath[UUID], attachment_id: FromPath[UUID]) -> Response[Any]:
    """Takes one file from a draft."""
    await read_form(request, cookie_of(request))
    actor = actor_of(request)
    removed = await drafts.remove_file(actor, draft_id, attachment_id, request.app.state.vault)
    if not wants_fragment(request):
        return go(request, f"/sdep/drafts/{draft_id}")
    kept = await queries.draft(actor, draft_id)
    return page(request, "partials/sdep/kept_files.html", draft_id=draft_id, kept_files=kept.files, removed=removed)
