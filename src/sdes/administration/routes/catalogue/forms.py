"""Where the Code Manager makes and changes process types, from today or from a later day on (SL 8)."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.administration.actions import catalogue as actions
from sdes.administration.forms import process_types as forms
from sdes.administration.forms.process_items import MOST_ITEMS
from sdes.administration.forms.process_types import Known, Typed
from sdes.administration.queries.catalogue import ChangeView, waiting_changes, was_used
from sdes.administration.routes.catalogue.process_types import MANAGE, ONE, ROOT, found_type, here
from sdes.catalogue.definition import definition_of, mark_of_definition
from sdes.catalogue.differences import differences
from sdes.catalogue.queries import process_types
from sdes.catalogue.views import FUELS, KINDS, ProcessTypeView
from sdes.kit import clock, db
from sdes.kit.errors import Refused
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page

UNITS = (("WD", "Working Days"), ("OH", "operational hours"))


@get(f"{ROOT}/new", name="administration.process-type.new", opt=MANAGE)
async def new(request: AnyRequest) -> Response[Any]:
    """Where a process type is made."""
    code = forms.next_code(one.code for one in await process_types())
    return await _page(request, forms.empty(code, clock.today()))


@post(ROOT, name="administration.process-type.add", opt=MANAGE)
async def add(request: AnyRequest) -> Response[Any]:
    """Makes a process type."""
    form = await read_form(request, cookie_of(request))
    asked = forms.typed(form)
    if forms.with_rows_moved(asked, form.text("do")):
        return await _page(request, asked)
    code, definition = forms.code_from(asked), forms.definition_from(asked, await _known(asked))
    if definition is None or asked.errors:
        return await _page(request, asked, status=422)
    try:
        async with db.transaction():
            made = await actions.add(actor_of(request), code, definition)
    except Refused as refused:
        asked.errors[""] = str(refused)
        return await _page(request, asked, status=409)
    return go(request, here(made, "added"))


@get(f"{ONE}/definition", name="administration.process-type.definition", opt=MANAGE)
async def edit(request: AnyRequest, process_id: FromPath[int]) -> Response[Any]:
    """All of a process type in one form."""
    before = await found_type(process_id)
    return await _page(request, forms.shown(definition_of(before), clock.today()), before)


@post(f"{ONE}/definition", name="administration.process-type.change", opt=MANAGE)
async def change(request: AnyRequest, process_id: FromPath[int]) -> Response[Any]:
    """Changes a process type, at once or from a day on; or shows first what that would change."""
    before = await found_type(process_id)
    form = await read_form(request, cookie_of(request))
    asked, mark = forms.typed(form), form.text("mark")
    if forms.with_rows_moved(asked, form.text("do")):
        return await _page(request, asked, before, mark=mark)
    definition = forms.definition_from(asked, await _known(asked, before))
    day = forms.day_from(asked, clock.today())
    if definition is None or day is None or asked.errors:
        return await _page(request, asked, before, status=422, mark=mark)
    if form.text("do") == "show":
        said = differences(definition_of(before), definition) or ["Nothing"]
        return await _page(request, asked, before, mark=mark, said=said)
    try:
        async with db.transaction():
            waits = await actions.change(actor_of(request), process_id, definition, day, mark)
    except Refused as refused:
        asked.errors[""] = str(refused)
        return await _page(request, asked, await found_type(process_id), status=409)
    return go(request, here(process_id, "planned" if waits else "changed"))


@post(f"{ONE}/change/withdrawal", name="administration.process-type.change.withdraw", opt=MANAGE)
async def withdraw(request: AnyRequest, process_id: FromPath[int]) -> Response[Any]:
    """Takes back the change that waits for its day."""
    await found_type(process_id)
    form = await read_form(request, cookie_of(request))
    change_id = forms.number_from(form.text("change"))
    await actions.withdraw(actor_of(request), process_id, change_id)
    return go(request, here(process_id, "withdrawn"))


async def _known(asked: Typed, before: ProcessTypeView | None = None) -> Known:
    """A new process type stands after the last of its title, or else at the end."""
    every = await process_types()
    places = [one.position for one in every if one.title.casefold() == asked.values["title"].casefold()]
    position = max(places or [one.position for one in every], default=0) + 1
    types = {one.contact_type for one in every}
    return Known(definition_of(before) if before else None, types, clock.today(), position)


async def _page(
    request: AnyRequest,
    asked: Typed,
    before: ProcessTypeView | None = None,
    *,
    status: int = 200,
    mark: str = "",
    said: list[str] | None = None,
) -> Response[str]:
    """The form; `mark` is that of the page it came from, `said` what the change would change."""
    waits: ChangeView | None = None
    if before:
        waits = (await waiting_changes(actor_of(request))).get(before.id)
        mark = mark or mark_of_definition(definition_of(before), waits.id if waits else None)
    return page(
        request,
        "templates/administration/process_type_form.html",
        status,
        process=before,
        is_used=before is not None and await was_used(actor_of(request), before.id),
        asked=asked,
        waiting=waits,
        mark=mark,
        said=said or [],
        fuels=list(FUELS.items()),
        kinds=[(kind.value, label) for kind, label in KINDS.items()],
        units=UNITS,
        routes=forms.ROUTES,
        most_levels=forms.MOST_LEVELS,
        most_items=MOST_ITEMS,
        contact_types=sorted({one.contact_type for one in await process_types()}),
    )
