"""Reads of attachments. Records that own files name them by id; this says what may be known of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sdes.actor import Actor
from sdes.attachments.access import may_download, visible_to
from sdes.attachments.tables import Attachment

_FILES = "SELECT id, name, size, state, reason, created_at FROM attachment WHERE {} AND id = ANY ({})"


@dataclass(frozen=True)
class File:
    """An attachment as its readers know it; `size` in bytes."""

    id: UUID
    name: str
    size: int
    state: str
    reason: str
    created_at: datetime

    @property
    def is_available(self) -> bool:
        return may_download(self.state)

    @property
    def size_text(self) -> str:
        return size_text(self.size)


@dataclass(frozen=True)
class Content:
    """Where the bytes of a file that may be downloaded are."""

    id: UUID
    name: str
    size: int
    blob: str
    wrapped_key: bytes


async def files(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, File]:
    """The files of those ids that exist for the actor."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = await Attachment.raw(_FILES, visible_to(actor).querystring, wanted)
    return {row["id"]: File(**row) for row in rows}


async def contents(actor: Actor, ids: Iterable[UUID]) -> list[Content]:
    """Where the content of those files lies that exist for the actor and have passed the virus check, by name."""
    wanted = list(ids)
    if not wanted:
        return []
    rows = (
        await Attachment.select(
            Attachment.id, Attachment.name, Attachment.size, Attachment.state, Attachment.blob, Attachment.wrapped_key
        )
        .where(visible_to(actor), Attachment.id.is_in(wanted))
        .order_by(Attachment.name)
    )
    return [
        Content(row["id"], row["name"], row["size"], row["blob"], row["wrapped_key"])
        for row in rows
        if may_download(row["state"]) and row["wrapped_key"]
    ]


async def kept(actor: Actor, ids: Iterable[UUID]) -> list[Content]:
    """Where the content of the actor's own files of those ids lies, checked or not: for comparing, and for nobody's
    eyes. One whose content is destroyed is left out."""
    wanted = list(ids)
    if not wanted:
        return []
    rows = await Attachment.select(
        Attachment.id, Attachment.name, Attachment.size, Attachment.blob, Attachment.wrapped_key
    ).where(Attachment.id.is_in(wanted), Attachment.company == actor.company_id)
    return [Content(**row) for row in rows if row["wrapped_key"]]


def size_text(size: int) -> str:
    """A size in bytes as people read it."""
    if size < 1024:
        return f"{size} B"
    return f"{round(size / 1024)} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"
