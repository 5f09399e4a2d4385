"""Receiving a form with files: nothing is believed before it is whole, nothing typed is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from sdes.accounts.entrance import AnyRequest, acting, cookie_of
from sdes.accounts.rescued import Rescued
from sdes.actor import Actor
from sdes.attachments.intake import Intake
from sdes.attachments.vault import Vault
from sdes.kit.errors import SdesError
from sdes.kit.forms import Form, read_form
from sdes.sdep.actions import drafts
from sdes.sdep.actions.conversation import SentAlready
from sdes.sdep.forms import draft_id, typed
from sdes.sdep.queries import details

KEPT = "What you typed is kept as a draft."
KEPT_ANEW = "What you typed since then is kept as a new draft: go on with it here, or under Drafts."


@dataclass
class Posted:
    """A form that has come whole, and its files, which wait in the store."""

    form: Form
    draft_id: UUID
    intake: Intake

    async def keep_files(self, actor: Actor, vault: Vault) -> list[str]:
        """Gives the received files to the draft; what was refused, and too much in all, comes back as sentences."""
        too_much = await drafts.keep_files(actor, self.draft_id, self.intake.received, vault)
        return [*self.intake.refusals, *too_much]


@asynccontextmanager
async def received(request: AnyRequest, actor: Actor, communication_id: int | None = None) -> AsyncIterator[Posted]:
    """Reads the form and its files as they come, for the block to send or to keep.

    When the block is refused, what was typed and its files are kept as a draft instead; when even that fails, or the
    form does not come whole, no file stays behind. When the database is lost, nobody knows whether the message was
    committed: its files stay, and the sweep takes them a day later if no row has come to hold them.
    """
    intake = Intake(request.app.state.vault)
    try:
        form = await read_form(request, cookie_of(request), intake)
    except BaseException:
        await intake.discard()
        raise
    posted = Posted(form, draft_id(form) or uuid4(), intake)
    try:
        yield posted
    except SdesError as refusal:
        is_another = isinstance(refusal, SentAlready)
        if not await _kept(actor, posted, communication_id, request.app.state.vault):
            await intake.discard()
            raise
        told = type(refusal)(f"{refusal} {KEPT_ANEW if is_another else KEPT}")
        told.draft_href = f"/sdep/drafts/{posted.draft_id}"
        raise told from refusal


async def _kept(actor: Actor, posted: Posted, communication_id: int | None, vault: Vault) -> bool:
    try:
        async with acting(actor):
            posted.draft_id = await drafts.unsent_id(actor, posted.draft_id)
            await drafts.keep(actor, posted.draft_id, typed(posted.form), communication_id)
            await drafts.refuse_too_many(actor)
            await posted.keep_files(actor, vault)
    except SdesError:
        return False
    return True


async def rescue_reply(request: AnyRequest, writer: Actor) -> Rescued:
    """Keeps as a draft the reply that somebody sends after their session has ended; gives where to go on with it."""
    reference = request.path_params["reference"]
    kept = await _rescue_message(request, writer, reference)
    return Rescued(f"/sdep/communications/{reference}", "kept" if kept else "ended")


async def rescue_escalation(request: AnyRequest, writer: Actor) -> Rescued:
    """As `rescue_reply`, for an escalation: its draft leads back to it, or to a reply if it is too late."""
    reference = request.path_params["reference"]
    kept = await _rescue_message(request, writer, reference)
    return Rescued(f"/sdep/drafts/{kept}", "kept") if kept else Rescued(f"/sdep/communications/{reference}")


async def _rescue_message(request: AnyRequest, writer: Actor, reference: str) -> UUID | None:
    """The id under which it is kept, None when it was sent before."""
    form = await read_form(request, cookie_of(request))
    async with acting(writer):
        view = await details.communication(writer, reference)
        saved = await drafts.keep_unless_sent(writer, draft_id(form) or uuid4(), typed(form), view.id)
    return saved[0] if saved else None


async def rescue_communication(request: AnyRequest, writer: Actor) -> Rescued:
    """Keeps as a draft the new communication that somebody sends after their session has ended."""
    form = await read_form(request, cookie_of(request))
    kept = draft_id(form) or uuid4()
    async with acting(writer):
        saved = await drafts.keep_unless_sent(writer, kept, typed(form), None)
    return Rescued(f"/sdep/drafts/{saved[0]}", "kept") if saved else Rescued("/sdep/communications")
