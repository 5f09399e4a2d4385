"""Writes of attachments: kept with a draft, sent with a message, discarded."""

import logging
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from sdes.actor import Actor
from sdes.attachments.access import why_not_sent
from sdes.attachments.intake import Received
from sdes.attachments.queries import Content, kept
from sdes.attachments.tables import Attachment
from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from sdes.kit.crypto import SealBroken
from sdes.kit.errors import Refused, Unavailable
from sdes.kit.queue import enqueue

log = logging.getLogger(__name__)


async def keep(actor: Actor, received: Iterable[Received], vault: Vault) -> list[UUID]:
    """Makes rows of received files, pending their virus check and seen by the actor's company alone."""
    now = clock.now()
    rows = [
        Attachment(
            id=file.id,
            company=actor.company_id,
            audience=[actor.company_id],
            name=file.name,
            size=file.size,
            blob=file.blob,
            key_id=vault.master.id,
            wrapped_key=file.wrapped_key,
            created_at=now,
            next_attempt_at=now,
        )
        for file in received
    ]
    if rows:
        await Attachment.insert(*rows)
    for row in rows:
        nudge(row.id)
    return [row.id for row in rows]


async def kept_already(actor: Actor, ids: Iterable[UUID], received: Iterable[Received], vault: Vault) -> list[Received]:
    """Those of the received files that are the same, by name and content, as one of the actor's files of those ids."""
    again = []
    there = await kept(actor, ids)
    for file in received:
        for other in there:
            if (file.name, file.size) == (other.name, other.size) and await _is_same(file, other, vault):
                again.append(file)
                there.remove(other)
                break
    return again


async def _is_same(one: Received, other: Content, vault: Vault) -> bool:
    """What cannot be read is the same as nothing: a damaged file must not keep from sending it again."""
    try:
        return await _digest(one, vault) == await _digest(other, vault)
    except (SealBroken, Unavailable) as cause:
        log.warning("attachment %s could not be compared: %s", other.id, type(cause).__name__)
        return False


async def _digest(file: Received | Content, vault: Vault) -> bytes:
    digest = sha256()
    async for piece in vault.reading(file.id, file.blob, file.wrapped_key, file.size):
        digest.update(piece)
    return digest.digest()


async def send(actor: Actor, ids: Iterable[UUID], companies: Iterable[int]) -> None:
    """Shows the actor's files to `companies` as well: they are part of a message now.

    Refuses a file that has failed its virus check while it waited with its draft (SD 11.1(g)).
    """
    wanted = list(ids)
    if not wanted:
        return
    sent = (
        await Attachment.update({Attachment.audience: sorted(set(companies)), Attachment.is_sent: True})
        .where(Attachment.id.is_in(wanted), Attachment.company == actor.company_id)
        .returning(Attachment.name, Attachment.state, Attachment.reason)
    )
    if problems := list(filter(None, (why_not_sent(row["name"], row["state"], row["reason"]) for row in sent))):
        raise Refused(" ".join(problems))


async def discard(actor: Actor, ids: Iterable[UUID], vault: Vault) -> None:
    """Drops files that were never sent: the rows now, the content after the commit."""
    wanted = list(ids)
    if not wanted:
        return
    rows = (
        await Attachment.delete()
        .where(Attachment.id.is_in(wanted), Attachment.company == actor.company_id, Attachment.is_sent.eq(False))
        .returning(Attachment.blob)
    )

    _remove_after_commit([row["blob"] for row in rows], vault)


async def destroy(actor: Actor, ids: Iterable[UUID]) -> None:
    """Drops files whoever's they are, sent or not, pending their check or not; with its row the key of a file is gone,
    and nobody can read its content any more. The caller sees to the blobs (SD 14.4)."""
    assert actor.is_system
    await db.fetch("DELETE FROM attachment WHERE id = ANY ($1)", list(ids))


def drop(actor: Actor, received: Iterable[Received], vault: Vault) -> None:
    """Drops files received from the actor that get no row: after the commit, since a roll-back may still want them."""
    _remove_after_commit([file.blob for file in received], vault)


def _remove_after_commit(blobs: list[str], vault: Vault) -> None:
    async def remove() -> None:
        for blob in blobs:
            try:
                await vault.blobs.delete(blob)
            except Unavailable:  # the sweep of blobs without a row takes it
                return

    if blobs:
        db.after_commit(remove)


def nudge(attachment_id: UUID) -> None:
    """Asks the worker to look at the file as soon as it is committed."""
    enqueue("attachments_check", key=f"attachments_check:{attachment_id}", attachment=str(attachment_id))
