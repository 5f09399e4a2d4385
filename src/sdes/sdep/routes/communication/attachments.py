"""Downloading attachments: one, or all that have passed the virus check as one .zip."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, acting, actor_of
from sdes.actor import Actor
from sdes.attachments import queries as attachments
from sdes.attachments.queries import Content
from sdes.attachments.streaming import download, download_zip
from sdes.kit.errors import NotFound, Refused
from sdes.kit.prefetch import refuse_prefetch
from sdes.permissions import Permission
from sdes.sdep.actions.history import file_mark, record
from sdes.sdep.queries import details
from sdes.sdep.views import CommunicationView

OPT = {"permission": Permission.COMMUNICATION_VIEW, "transaction": "own"}


@get("/communications/{reference:str}/attachments/{attachment_id:uuid}", name="sdep.attachment", opt=OPT)
async def download_one(request: AnyRequest, reference: FromPath[str], attachment_id: FromPath[UUID]) -> Response[Any]:
    """One file that has passed the virus check (SD 8.4(c)); any other is refused with the reason."""
    refuse_prefetch(request)
    actor = actor_of(request)
    async with acting(actor):
        view = await details.communication(actor, reference)
        if attachment_id not in await details.attachment_ids(actor, view):
            raise NotFound("There is no such attachment, or it is not one of yours.")
        contents = await attachments.contents(actor, [attachment_id])
        if not contents:
            raise Refused("This file has not passed the virus check, so it cannot be downloaded.")
    begun = await download(contents[0], request.app.state.vault)
    await _record(actor, view, contents)
    return begun


@get("/communications/{reference:str}/attachments.zip", name="sdep.attachments.zip", opt=OPT)
async def download_all(request: AnyRequest, reference: FromPath[str]) -> Response[Any]:
    """Every file of the communication that has passed the virus check (SD 11.1(b)viii)."""
    refuse_prefetch(request)
    actor = actor_of(request)
    async with acting(actor):
        view = await details.communication(actor, reference)
        contents = await attachments.contents(actor, await details.attachment_ids(actor, view))
        if not contents:
            raise Refused("No file of this communication has passed the virus check, so there is nothing to download.")
    begun = await download_zip(contents, request.app.state.vault, f"{view.reference}-attachments.zip")
    await _record(actor, view, contents)
    return begun


async def _record(actor: Actor, view: CommunicationView, contents: Iterable[Content]) -> None:
    """Called once the store has given the first piece, and before any goes on to the reader."""
    async with acting(actor):
        for content in contents:
            await record(actor, "sdep.attachment.downloaded", view, file_mark(content.id))
