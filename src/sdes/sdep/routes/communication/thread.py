"""One communication with its tabs, and its transcript."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from sdes.accounts.entrance import AnyRequest, actor_of, visit_of
from sdes.auditlog.queries import entries_about
from sdes.kit.errors import NotFound
from sdes.kit.prefetch import refuse_prefetch
from sdes.kit.rendering import page, wants_fragment
from sdes.kit.spreadsheets import csv_lines
from sdes.notifications.bell import count_again
from sdes.permissions import Permission
from sdes.sdep.actions.history import record
from sdes.sdep.actions.viewing import viewing
from sdes.sdep.exports.transcript import transcript as transcript_rows
from sdes.sdep.filters import ROOT
from sdes.sdep.queries import details
from sdes.sdep.routes.communication.deleted import deleted_page
from sdes.sdep.routes.pages import details_page, id_or_none, reply_form, tab_words, thread_words
from sdes.sdep.thread import audit_rows
from sdes.sdep.views import CommunicationView

VIEW = {"permission": Permission.COMMUNICATION_VIEW}
READS = {**VIEW, "transaction": "reads"}  # but that somebody looked


@get("/communications/{reference:str}", name="sdep.communication", opt=READS)
async def show(request: AnyRequest, reference: FromPath[str], draft: FromQuery[str | None] = None) -> Response[Any]:
    """One communication with its thread, and the reply that the actor has begun (SD 11.1(b))."""
    actor = actor_of(request)
    try:
        async with _visited(request, reference, reads=True) as shown:
            words = await thread_words(actor, shown, await reply_form(actor, shown, id_or_none(draft)), shown.read)
            return await details_page(request, words)
    except NotFound:
        return await deleted_page(request, reference)


@get("/communications/{reference:str}/attachments", name="sdep.communication.attachments", opt=READS)
async def show_attachments(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """All attachments of a communication with the state of their virus check (SD 11.1(b)viii)."""
    actor = actor_of(request)
    if wants_fragment(request):
        shown = await details.communication(actor, reference)
        return page(request, "partials/sdep/attachments.html", **await _attachment_words(request, shown))
    async with _visited(request, reference) as shown:
        words = await _attachment_words(request, shown)
        tab = await tab_words(actor, shown, "attachments", len(words["files"]))
        return await details_page(request, {**words, **tab})


@get("/communications/{reference:str}/audit", name="sdep.communication.audit", opt=READS)
async def show_audit(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """The full audit history (SD 11.1(b)ii)."""
    actor = actor_of(request)
    try:
        async with _visited(request, reference) as shown:
            files = [file for listed in (await details.files_by_message(actor, shown)).values() for file in listed]
            audit = audit_rows(await entries_about(actor, shown.reference), {str(file.id): file.name for file in files})
            return await details_page(request, {"audit": audit, **await tab_words(actor, shown, "audit", len(files))})
    except NotFound:
        return await deleted_page(request, reference)


@get("/communications/{reference:str}/transcript.csv", name="sdep.communication.transcript", opt=VIEW)
async def transcript(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """The whole communication as .csv (SD 11.1(b)vii)."""
    refuse_prefetch(request)
    actor = actor_of(request)
    shown = await details.communication(actor, reference)
    rows = transcript_rows(shown, await details.messages(actor, shown))
    await record(actor, "sdep.transcript.downloaded", shown)
    name = f"{shown.reference}-transcript.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response("".join(csv_lines(rows)), media_type="text/csv", headers=headers)


@asynccontextmanager
async def _visited(request: AnyRequest, reference: str, *, reads: bool = False) -> AsyncIterator[CommunicationView]:
    """The communication as it was before the actor viewed it now, to be drawn in the block; `reads` for the thread
    itself."""
    refuse_prefetch(request)
    actor = actor_of(request)
    shown = await details.communication(actor, reference)
    async with viewing(actor, shown, reads=reads, has_unread=bool(visit_of(request).bell.unread)):
        await count_again(request)
        yield shown


async def _attachment_words(request: AnyRequest, shown: CommunicationView) -> dict[str, Any]:
    files = [
        {
            "id": file.id,
            "name": file.name,
            "size_text": file.size_text,
            "state": file.state,
            "reason": file.reason,
            "href": file.href,
            "who": message.sender_name,
            "company": message.sender_company,
            "added_at": message.sent_at,
        }
        for message in await details.messages(actor_of(request), shown)
        for file in message.files
    ]
    has_any = any(file["state"] == "clean" for file in files)
    zip_href = f"{ROOT}/{shown.reference}/attachments.zip" if has_any else None
    return {"communication": shown, "files": files, "zip_href": zip_href}
