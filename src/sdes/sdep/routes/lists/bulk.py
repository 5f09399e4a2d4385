"""One act on the ticked rows of a list: what it needs is asked on a page between, what became of each row is told."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import Response, post

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.accounts.forms import own_path
from sdes.accounts.rescued import Rescued
from sdes.actor import Actor
from sdes.kit import clock
from sdes.kit.forms import Form, read_form
from sdes.kit.rendering import page
from sdes.permissions import Permission
from sdes.sdep.actions import archiving, bulk, ownership, tagging
from sdes.sdep.forms import owner_from, tag_from
from sdes.sdep.queries.chosen import chosen
from sdes.sdep.queries.owners import possible_owners
from sdes.sdep.retention import deletes_at
from sdes.sdep.routes.communication.transcripts import transcripts
from sdes.sdep.routes.side import side_words
from sdes.sdep.ticks import Tick, Unreadable, in_address, ticked

HANDLE = Permission.COMMUNICATION_HANDLE
LIST = "/sdep/communications"
ASKS = {"assign": "Assign", "tags": "Search tags of", "archive": "Archive"}  # acts with a page between, and its title
DOES = {"take", "release", "transcripts", "person", "tag", "untag", "archived"}
ASKED_BY = {"person": "assign", "tag": "tags", "untag": "tags"}  # the page on which an act was filled in


async def rescue_ticks(request: AnyRequest, actor: Actor) -> Rescued:
    """The list with the same rows ticked, for somebody whose session had ended; nothing is done to them. The list
    alone where nothing was ticked, or an address cannot say what."""
    form = await read_form(request, cookie_of(request))
    here = _here(form)
    try:
        ticks = in_address(ticked(form))
    except Unreadable:
        return Rescued(here)
    whole = f"{here}{'&' if '?' in here else '?'}{urlencode({'ticked': ticks})}"
    return Rescued(whole, "ticked") if ticks and own_path(whole) == whole else Rescued(here)


@post(
    "/communications/bulk",
    name="sdep.communications.bulk",
    opt={"permission": HANDLE, "rescue": rescue_ticks},
)
async def act(request: AnyRequest) -> Response[Any]:
    """Does to each ticked communication what the pressed button says (SD 11.1(b)i, v, vi, vii)."""
    actor = actor_of(request)
    form = await read_form(request, cookie_of(request))
    try:
        ticks = ticked(form)
    except Unreadable:
        return await _told(request, form, "The ticked rows could not be read. Go back to the list and tick them again.")
    if not ticks:
        return await _told(
            request, form, "Nothing was ticked. Go back to the list and tick at least one communication."
        )
    what = form.text("act")
    if what in ASKS:
        return await _ask(request, form, what, ticks)
    if what not in DOES:
        return await _told(request, form, "Choose what to do with the ticked communications.")
    if what == "transcripts":
        return await transcripts(actor, ticks)
    todo, errors = _todo(actor, form, what)
    if todo is None:
        return await _ask(request, form, ASKED_BY[what], ticks, errors)
    outcomes = await bulk.each(actor, ticks, todo)
    words = {"outcomes": outcomes, "back": _back(form), **await side_words(actor, "")}
    return page(request, "templates/sdep/bulk_done.html", **words)


def _todo(actor: Actor, form: Form, what: str) -> tuple[bulk.Act | None, dict[str, str]]:
    """What is to be done to each row; None, and what is wrong, where the form does not say."""
    if what in ("tag", "untag"):
        tag, errors = tag_from(form)
        do = tagging.add_tag if what == "tag" else tagging.remove_tag
        return (None, errors) if errors else (lambda view, tick: do(actor, view, tag), {})
    if what == "archived":
        return lambda view, tick: archiving.archive(actor, view, tick.last_number), {}
    person, errors = _person(actor, form, what)
    return (None, errors) if errors else (lambda view, tick: ownership.assign(actor, view, person, tick.owner_id), {})


def _person(actor: Actor, form: Form, what: str) -> tuple[int | None, dict[str, str]]:
    if what != "person":
        return actor.person_id if what == "take" else None, {}
    person, errors = owner_from(form)
    return person, errors if person or errors else {"person": "Choose who shall own them"}


async def _ask(
    request: AnyRequest, form: Form, what: str, ticks: Sequence[Tick], errors: dict[str, str] | None = None
) -> Response[Any]:
    """The page between: what will be done to which rows, and what it needs to know."""
    actor = actor_of(request)
    rows = await chosen(actor, [tick.reference for tick in ticks])
    count = f"{len(ticks)} communication{'' if len(ticks) == 1 else 's'}"
    words = {
        "what": what,
        "title": f"{ASKS[what]} {count}",
        "rows": rows,
        "ticks": ticks,
        "missing": len(ticks) - len(rows),
        "people": await possible_owners(actor, {row.process_type for row in rows}) if what == "assign" else [],
        "tags": sorted({tag for row in rows for tag in row.tags}, key=str.casefold),
        "tag": form.text("tag"),
        "errors": errors or {},
        "deletes_at": deletes_at(clock.now()),
        "back": _back(form),
        "here": _here(form),
    }
    side = await side_words(actor, "")
    return page(request, "templates/sdep/bulk.html", 422 if errors else 200, **words, **side)


async def _told(request: AnyRequest, form: Form, text: str) -> Response[Any]:
    side = await side_words(actor_of(request), "")
    return page(request, "templates/sdep/bulk_none.html", 422, text=text, back=_back(form), **side)


def _back(form: Form) -> str:
    """The list that the rows were ticked in."""
    return own_path(form.text("next") or LIST)


def _here(form: Form) -> str:
    """The page of that list."""
    return own_path(form.text("here") or form.text("next") or LIST)
