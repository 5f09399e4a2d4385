"""Adding a message to a communication, and the files of one message."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, acting, actor_of
from sdes.kit.rendering import go, page, wants_fragment
from sdes.permissions import Permission
from sdes.sdep.actions import conversation, drafts, viewing
from sdes.sdep.forms import reply_from, typed
from sdes.sdep.queries import details
from sdes.sdep.queries.drafts import draft
from sdes.sdep.routes.pages import details_page, filled_reply, reply_form, thread_words
from sdes.sdep.routes.writing.receiving import Posted, received, rescue_reply

OPT = {"permission": Permission.MESSAGE_SEND, "transaction": "own", "rescue": rescue_reply}


@post("/communications/{reference:str}/messages", name="sdep.message.add", opt=OPT)
async def add(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """Adds a message with its attachments (SD 11.1(d)). What is wrong is said above the form, which keeps all."""
    actor, vault = actor_of(request), request.app.state.vault
    async with acting(actor):
        view = await details.communication(actor, reference)  # a stranger's files are not even read
    async with received(request, actor, view.id) as posted, acting(actor):
        await drafts.keep(actor, posted.draft_id, typed(posted.form), view.id)
        refusals = await posted.keep_files(actor, vault)
        outgoing, errors = reply_from(posted.form, refusals)
        if errors:
            await conversation.refuse_if_sent(actor, posted.draft_id)
            await drafts.refuse_too_many(actor)
            return await _answer_again(request, reference, posted, errors)
        number = await conversation.reply(actor, reference, posted.draft_id, outgoing, vault)
        if not wants_fragment(request) or view.status == "archived":  # active again: the whole page is another
            return go(request, f"/sdep/communications/{reference}{_shown_anew(request, number)}#message-{number}")
        view = await details.communication(actor, reference)
        await viewing.view(actor, view)
        words = await thread_words(actor, view, await reply_form(actor, view), view.read, focused=number)
        return page(request, "partials/sdep/sent_reply.html", **words)


@get(
    "/communications/{reference:str}/messages/{number:int}/files",
    name="sdep.message.files",
    opt={"permission": Permission.COMMUNICATION_VIEW, "poll": True},
)
async def files(request: AnyRequest, reference: FromPath[str], number: FromPath[int]) -> Response[Any]:
    """The files of one message: a page asks again while some of them are pending."""
    view = await details.communication(actor_of(request), reference)
    listed = (await details.files_by_message(actor_of(request), view)).get(number, [])
    message = {"number": number, "files": listed}
    return page(request, "partials/sdep/files.html", communication=view, message=message)


def _shown_anew(request: AnyRequest, number: int) -> str:
    """What makes the address another than that of the page at hand: a browser does not load the same one again."""
    return f"?after={number}" if wants_fragment(request) else ""


async def _answer_again(request: AnyRequest, reference: str, posted: Posted, errors: dict[str, str]) -> Response[Any]:
    actor = actor_of(request)
    view = await details.communication(actor, reference)
    reply = filled_reply(await draft(actor, posted.draft_id), errors)
    words = await thread_words(actor, view, reply, view.read)
    if wants_fragment(request):
        return page(request, "partials/sdep/thread.html", 422, **words)
    return await details_page(request, words, 422)
