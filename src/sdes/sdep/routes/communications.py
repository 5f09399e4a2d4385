"""The list of communications, one communication with its tabs, and its transcript."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from sdes.accounts.entrance import AnyRequest, actor_of, visit_of
from sdes.auditlog.queries import entries_about
from sdes.kit.paging import Cursor
from sdes.kit.prefetch import refuse_prefetch
from sdes.kit.rendering import listing, page, wants_fragment
from sdes.kit.spreadsheets import csv_lines
from sdes.permissions import Permission
from sdes.sdep.actions.history import record
from sdes.sdep.actions.viewing import view
from sdes.sdep.exports import transcript as transcript_rows
from sdes.sdep.queries import details, lists
from sdes.sdep.routes.pages import details_page, reply_form, side_words, tab_words, thread_words
from sdes.sdep.thread import audit_rows
from sdes.sdep.views import CommunicationView, Row

VIEW = {"permission": Permission.COMMUNICATION_VIEW}
ROOT = "/sdep/communications"


@dataclass(frozen=True)
class Listing:
    """A page of the list with the addresses of its neighbours and of its other orders."""

    folder: str
    title: str
    rows: list[Row]
    order: lists.Order
    previous_href: str | None
    next_href: str | None

    @property
    def sort(self) -> str:
        return self.order.key

    @property
    def descending(self) -> bool:
        return self.order.descending

    @property
    def first_href(self) -> str:
        return self._href(self.order)

    def sort_href(self, key: str) -> str:
        """The same list in another order; the present order the other way round."""
        if key == self.order.key:
            return self._href(lists.Order(key, not self.order.descending))
        return self._href(lists.Order.read(key, None))

    def _href(self, order: lists.Order) -> str:
        return list_href(self.folder, order, None)


def list_href(folder: str, order: lists.Order, cursor: Cursor | None) -> str:
    """The canonical address of a page of the list: what is usual is left out."""
    words = {
        "folder": folder if folder != "active" else "",
        "sort": order.key if order != lists.Order() else "",
        "direction": ("down" if order.descending else "up") if order != lists.Order() else "",
        "page": str(cursor) if cursor else "",
    }
    query = urlencode({name: value for name, value in words.items() if value})
    return f"{ROOT}?{query}" if query else ROOT


@get("/communications", name="sdep.communications", opt=VIEW)
async def index(
    request: AnyRequest,
    folder: FromQuery[str] = "active",
    sort: FromQuery[str | None] = None,
    direction: FromQuery[str | None] = None,
    page: FromQuery[str | None] = None,
) -> Response[Any]:
    """The communication list (SD 11.1(a))."""
    actor = actor_of(request)
    folder = "archive" if folder == "archive" else "active"
    order = lists.Order.read(sort, direction)
    found = await lists.page_of(actor, folder, order, Cursor.read(page), visit_of(request).display.page_size)
    made = Listing(
        folder,
        "Archived communications" if folder == "archive" else "Active communications",
        found.rows,
        order,
        list_href(folder, order, found.previous) if found.previous else None,
        list_href(folder, order, found.next) if found.next else None,
    )
    if wants_fragment(request):
        return listing(request, "templates/sdep/list.html", "partials/sdep/results.html", listing=made)
    side = await side_words(actor, folder)
    return listing(request, "templates/sdep/list.html", "partials/sdep/results.html", listing=made, **side)


@get("/communications/{reference:str}", name="sdep.communication", opt=VIEW)
async def show(request: AnyRequest, reference: FromPath[str], draft: FromQuery[str | None] = None) -> Response[Any]:
    """One communication with its thread, and the reply that the actor has begun (SD 11.1(b))."""
    actor = actor_of(request)
    shown, read = await _visited(request, reference, reads=True)
    words = await thread_words(actor, shown, await reply_form(actor, shown, _id_or_none(draft)), read)
    return await details_page(request, words)


@get("/communications/{reference:str}/attachments", name="sdep.communication.attachments", opt=VIEW)
async def show_attachments(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """All attachments of a communication with the state of their virus check (SD 11.1(b)viii)."""
    actor = actor_of(request)
    if wants_fragment(request):
        shown = await details.communication(actor, reference)
        return page(request, "partials/sdep/attachments.html", **await _attachment_words(request, shown))
    shown, _ = await _visited(request, reference)
    words = await _attachment_words(request, shown)
    return await details_page(request, {**words, **await tab_words(actor, shown, "attachments", len(words["files"]))})


@get("/communications/{reference:str}/audit", name="sdep.communication.audit", opt=VIEW)
async def show_audit(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """The full audit history (SD 11.1(b)ii)."""
    actor = actor_of(request)
    shown, _ = await _visited(request, reference)
    files = [file for listed in (await details.files_by_message(actor, shown)).values() for file in listed]
    audit = audit_rows(await entries_about(actor, shown.reference), {str(file.id): file.name for file in files})
    return await details_page(request, {"audit": audit, **await tab_words(actor, shown, "audit", len(files))})


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


def _id_or_none(text: str | None) -> UUID | None:
    """The id in an address, or None for what is none: a page is not lost over it."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


async def _visited(request: AnyRequest, reference: str, *, reads: bool = False) -> tuple[CommunicationView, int]:
    """The communication, now viewed by the actor, and how far they had read before; `reads` for the thread itself."""
    refuse_prefetch(request)
    actor = actor_of(request)
    shown = await details.communication(actor, reference)
    read, sessions = await details.last_read(actor, shown)
    await view(actor, shown, read, sessions, reads=reads)
    return shown, read


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
