"""Escalating: the page that says what it will mean, and its form."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from sdes.accounts.entrance import AnyRequest, acting, actor_of
from sdes.kit import clock
from sdes.kit.errors import Refused
from sdes.kit.rendering import go, page, wants_fragment
from sdes.permissions import Permission
from sdes.sdep.access import why_not_escalate
from sdes.sdep.actions import conversation, drafts, escalation
from sdes.sdep.actions.levels import response_due
from sdes.sdep.due import until_text
from sdes.sdep.forms import escalation_from, number_from, typed
from sdes.sdep.queries import details
from sdes.sdep.queries import drafts as queries
from sdes.sdep.routes.pages import filled_reply, id_or_none
from sdes.sdep.routes.side import side_words
from sdes.sdep.routes.writing.receiving import Posted, received, rescue_escalation
from sdes.sdep.tables import MessageKind, Side
from sdes.sdep.thread import Reply
from sdes.sdep.views import CommunicationView

SEND = Permission.MESSAGE_SEND
PATH = "/communications/{reference:str}/escalation"


@get(PATH, name="sdep.escalation", opt={"permission": SEND})
async def show(request: AnyRequest, reference: FromPath[str], draft: FromQuery[str | None] = None) -> Response[Any]:
    """The form with what was typed before, beside what escalating means; too late for it, what was typed as a reply."""
    actor = actor_of(request)
    view = await details.communication(actor, reference)
    kept = await queries.message_draft(actor, view.id, MessageKind.ESCALATION, id_or_none(draft))
    if why := why_not_escalate(actor, view, clock.now()):
        if kept and (draft or view.side == Side.SENDER):  # what was typed in a page that is older than that
            return go(request, f"/sdep/communications/{reference}?draft={kept.id}#reply-text")
        raise Refused(why)
    return await _form_page(request, view, filled_reply(kept, {}) if kept else Reply(uuid4()))


@post(PATH, name="sdep.escalation.add", opt={"permission": SEND, "transaction": "own", "rescue": rescue_escalation})
async def escalate(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """Escalates by one level (SD 11.1(b)iv, (e)). What is wrong is said above the form, which keeps all."""
    actor, vault = actor_of(request), request.app.state.vault
    async with acting(actor):
        view = await details.communication(actor, reference)  # a stranger's files are not even read
    async with received(request, actor, view.id) as posted, acting(actor):
        await drafts.keep(actor, posted.draft_id, typed(posted.form), view.id)
        refusals = await posted.keep_files(actor, vault)
        outgoing, errors = escalation_from(posted.form, refusals)
        if errors:
            return await _answer_again(request, reference, posted, errors)
        level = number_from(posted.form, "from_level")
        number = await escalation.escalate(actor, reference, posted.draft_id, level, outgoing, vault)
    return go(request, f"/sdep/communications/{reference}#message-{number}")


async def _answer_again(request: AnyRequest, reference: str, posted: Posted, errors: dict[str, str]) -> Response[Any]:
    actor = actor_of(request)
    await conversation.refuse_if_sent(actor, posted.draft_id)
    await drafts.refuse_too_many(actor)
    view = await details.communication(actor, reference)
    if why := why_not_escalate(actor, view, clock.now()):
        raise Refused(why)
    return await _form_page(request, view, filled_reply(await queries.draft(actor, posted.draft_id), errors), 422)


async def _form_page(request: AnyRequest, view: CommunicationView, reply: Reply, status: int = 200) -> Response[Any]:
    level = view.rules.level(view.level + 1)
    reply = replace(reply, raises_to=level)
    if wants_fragment(request):
        return page(request, "partials/sdep/composer.html", status, communication=view, reply=reply)
    due = await response_due(actor_of(request), level, clock.now())
    side = await side_words(actor_of(request), "archive" if view.status == "archived" else "active")
    words = {"communication": view, "reply": reply, "level": level, "until": until_text(due), **side}
    return page(request, "templates/sdep/escalation.html", status, **words)
