"""Sending a new communication."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post

from sdes.accounts.entrance import AnyRequest, acting, actor_of
from sdes.accounts.queries import participants
from sdes.actor import Actor
from sdes.attachments.queries import File
from sdes.catalogue.queries import process_types
from sdes.catalogue.views import process_title
from sdes.kit.errors import Refused
from sdes.kit.rendering import go, page, wants_fragment
from sdes.permissions import Permission
from sdes.sdep.access import why_company_reads_only, why_not_send
from sdes.sdep.actions import conversation, drafts
from sdes.sdep.forms import communication_from, typed
from sdes.sdep.queries.drafts import draft
from sdes.sdep.routes.side import side_words
from sdes.sdep.routes.writing.receiving import received, rescue_communication
from sdes.sdep.sending import Choices, choices, place_label

OPT = {"permission": Permission.MESSAGE_SEND}


@dataclass(frozen=True)
class SendForm:
    """The form as the page draws it."""

    draft_id: UUID
    values: dict[str, str]
    errors: dict[str, str]
    senders: list[tuple[str, str]]
    processes: list[tuple[str, list[tuple[str, str]]]]
    recipients: list[tuple[str, str]]
    items: list[dict[str, Any]]
    process: dict[str, Any] | None
    kept_files: list[File] = field(default_factory=list)
    saved_at: datetime | None = None


@get("/communications/new", name="sdep.communication.new", opt=OPT)
async def new(request: AnyRequest) -> Response[Any]:
    """An empty form (SD 11.1(c))."""
    actor = actor_of(request)
    if why := why_not_send(actor):
        raise Refused(why)
    return await form_page(request, form_of(uuid4(), {}, {}, await _choices(actor, {})))


@get("/communications/new/fields", name="sdep.communication.new.fields", opt=OPT)
async def fields(request: AnyRequest) -> Response[Any]:
    """The part of the form that depends on what has been chosen so far."""
    values = {name: str(value) for name, value in request.query_params.items() if name != "csrf_token"}
    made = form_of(uuid4(), values, {}, await _choices(actor_of(request), values))
    return page(request, "partials/sdep/process_refresh.html", form=made)


@post(
    "/communications",
    name="sdep.communication.send",
    opt={**OPT, "transaction": "own", "rescue": rescue_communication},
)
async def send(request: AnyRequest) -> Response[Any]:
    """Sends a communication and shows it with its reference; what is wrong is said above the form, which keeps all."""
    actor, vault = actor_of(request), request.app.state.vault
    async with received(request, actor) as posted, acting(actor):
        values = typed(posted.form)
        await drafts.keep(actor, posted.draft_id, values, None)
        refusals = await posted.keep_files(actor, vault)
        chosen = await _choices(actor, values)
        outgoing, errors = communication_from(posted.form, chosen, refusals)
        if posted.form.text("action") == "update":
            return go(request, f"/sdep/drafts/{posted.draft_id}")
        if errors:
            await conversation.refuse_if_sent(actor, posted.draft_id)
            await drafts.refuse_too_many(actor)
            if why := why_company_reads_only(actor):  # nothing that could be put right in the form
                raise Refused(why)
            kept = await draft(actor, posted.draft_id)
            made = form_of(posted.draft_id, kept.fields, errors, chosen, kept.files, kept.updated_at)
            return await form_page(request, made, 422)
        reference = await conversation.send(actor, posted.draft_id, chosen, outgoing, vault)
    return go(request, f"/sdep/communications/{reference}?sent=1")


async def draft_form(actor: Actor, draft_id: UUID) -> SendForm:
    """The form of a new communication that was begun before."""
    kept = await draft(actor, draft_id)
    return form_of(kept.id, kept.fields, {}, await _choices(actor, kept.fields), kept.files, kept.updated_at)


def form_of(
    draft_id: UUID,
    values: dict[str, str],
    errors: dict[str, str],
    chosen: Choices,
    kept_files: list[File] | None = None,
    saved_at: datetime | None = None,
) -> SendForm:
    """The form with its choices, what has been typed, and what is wrong with it."""
    process = chosen.process
    titles = dict.fromkeys(one.title for one in chosen.processes)
    return SendForm(
        draft_id,
        {**values, "sender": str(chosen.sender.id) if chosen.sender else values.get("sender", "")},
        errors,
        [(str(one.id), place_label(one, own=True)) for one in chosen.senders],
        [
            (title, [(str(one.id), one.full_title) for one in chosen.processes if one.title == title])
            for title in titles
        ],
        [(str(one.id), place_label(one)) for one in chosen.recipients],
        [
            {
                "key": item.key,
                "label": item.label,
                "hint": item.hint,
                "kind": item.kind.value,
                "mandatory": item.mandatory,
                "choices": item.choices,
                "value": values.get(item.key, ""),
                "error": errors.get(item.key),
            }
            for item in (process.items if process else ())
        ],
        {
            "title": process_title(process.title, process.contact_type),
            "response_time": process.response_text(),
            "levels": process.max_level,
            "fuel": process.fuel_text,
            "note": "It goes to everybody at level 1 of this process in the company that you choose. It is archived"
            " 30 days after its last message and deleted 30 days later.",
        }
        if process
        else None,
        kept_files or [],
        saved_at,
    )


async def form_page(request: AnyRequest, form: SendForm, status: int = 200) -> Response[Any]:
    """The form alone for htmx, the page around it for anybody else."""
    if wants_fragment(request):
        return page(request, "partials/sdep/new_form.html", status, form=form)
    side = await side_words(actor_of(request), "new")
    return page(request, "templates/sdep/new.html", status, form=form, **side)


async def _choices(actor: Actor, values: dict[str, str]) -> Choices:
    return choices(actor, await process_types(), await participants(actor), values)
