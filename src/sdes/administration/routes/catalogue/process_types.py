"""The process types: what may be sent, to whom, and how fast it is answered; for everybody to read (SL 8)."""

from collections.abc import Iterable
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.administration.queries.catalogue import changes_of, waiting_changes
from sdes.catalogue.queries import process_type, process_types
from sdes.catalogue.views import ProcessTypeView
from sdes.kit import clock
from sdes.kit.errors import NotFound
from sdes.kit.forms import without_control_characters
from sdes.kit.rendering import listing, page
from sdes.permissions import Permission

ROOT = "/process-types"
ONE = f"{ROOT}/{{process_id:int}}"
VIEW = {"permission": Permission.CATALOGUE_VIEW}
MANAGE = {"permission": Permission.CATALOGUE_MANAGE}
STATES = (("now", "In use"), ("later", "To begin"), ("ended", "Ended"), ("waiting", "With a change that waits"))
MOST_SEARCHED = 120  # characters
BIGGEST_ID = 2**31
# What the page says after something was done; the key is what its address carries.
DONE = {
    "added": "The process type is made. Master Admin Users are its contacts until they assign people.",
    "changed": "The process type is changed. Communications already sent keep the rules they were sent under.",
    "planned": "The change is planned. Until its day it can be withdrawn.",
    "withdrawn": "The change is withdrawn.",
}


@get(ROOT, name="administration.process-types", opt=VIEW)
async def index(request: AnyRequest, q: FromQuery[str] = "", only: FromQuery[str] = "") -> Response[Any]:
    """All process types by title, or those that were searched for."""
    actor, today = actor_of(request), clock.today()
    search = " ".join(without_control_characters(q).split())[:MOST_SEARCHED]
    only = only if only in dict(STATES) else ""
    waiting = await waiting_changes(actor)
    found = [
        one
        for one in await process_types()
        if _has(one, search) and (not only or (one.id in waiting if only == "waiting" else one.state(today) == only))
    ]
    return listing(
        request,
        "templates/administration/process_types.html",
        "partials/administration/process_rows.html",
        rows=sorted(found, key=lambda one: (one.title.casefold(), one.contact_type.casefold(), one.fuel_text)),
        waiting=waiting,
        search=search,
        only=only,
        states=STATES,
        today=today,
    )


@get(ONE, name="administration.process-type", opt=VIEW)
async def show(request: AnyRequest, process_id: FromPath[int]) -> Response[Any]:
    """One process type: its levels, data items, routes, days, and what was changed of it."""
    actor = actor_of(request)
    shown = await found_type(process_id)
    return page(
        request,
        "templates/administration/process_type.html",
        process=shown,
        today=clock.today(),
        state=shown.state(clock.today()),
        waiting=(await waiting_changes(actor)).get(process_id),
        changes=[one for one in await changes_of(actor, process_id) if not one.is_waiting],
        may_manage=actor.may(Permission.CATALOGUE_MANAGE),
        may_audit=actor.may(Permission.CATALOGUE_MANAGE) and actor.may(Permission.AUDIT_VIEW),
        done=DONE.get(request.query_params.get("done", "")),
    )


async def found_type(process_id: int) -> ProcessTypeView:
    """The process type of that id, or NotFound."""
    found = await process_type(process_id) if 0 < process_id < BIGGEST_ID else None
    if found is None:
        raise NotFound("There is no such process type.")
    return found


def here(process_id: int, done: str = "") -> str:
    """The address of a process type's page, which then says what was `done` (a key of `DONE`)."""
    return f"{ROOT}/{process_id}{f'?done={done}' if done else ''}"


def _has(process: ProcessTypeView, search: str) -> bool:
    """Whether every word of `search` stands in its code, its name or its data items' names."""
    words: Iterable[str] = search.casefold().split()
    text = " ".join((process.code, process.full_title, *(item.label for item in process.items))).casefold()
    return all(word in text for word in words)
