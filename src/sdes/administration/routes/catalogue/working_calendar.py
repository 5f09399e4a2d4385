"""The extra days of the working calendar, which the Code Manager proclaims at short notice."""

from typing import Any

from litestar import Response, get, post

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.administration.actions import working_calendar as actions
from sdes.administration.forms.companies import Filled
from sdes.administration.forms.working_calendar import day_from, extra_day_from
from sdes.administration.routes.catalogue.process_types import MANAGE, ROOT
from sdes.kit import clock, db
from sdes.kit.errors import NotFound, Refused
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.workingdays.queries import extra_days

HERE = f"{ROOT}/working-calendar"
DONE = {"added": "The day is in the list.", "removed": "The day is removed, and is an ordinary day again."}


@get(HERE, name="administration.working-calendar", opt=MANAGE)
async def index(request: AnyRequest) -> Response[Any]:
    """The days that differ from the ordinary calendar."""
    return await _page(request, Filled({"kind": "holiday"}))


@post(HERE, name="administration.working-calendar.add", opt=MANAGE)
async def add(request: AnyRequest) -> Response[Any]:
    """Proclaims a day."""
    read, filled = extra_day_from(await read_form(request, cookie_of(request)))
    if read is None:
        return await _page(request, filled, 422)
    try:
        async with db.transaction():
            await actions.add_day(actor_of(request), read.day, read.name, is_holiday=read.is_holiday)
    except Refused as refused:
        filled.errors["date"] = str(refused)
        return await _page(request, filled, 422)
    return go(request, f"{HERE}?done=added")


@post(f"{HERE}/removal", name="administration.working-calendar.remove", opt=MANAGE)
async def remove(request: AnyRequest) -> Response[Any]:
    """Takes a proclaimed day back."""
    day = day_from((await read_form(request, cookie_of(request))).text("day"))
    if day is None:
        raise NotFound("That day is not in the list.")
    await actions.remove_day(actor_of(request), day)
    return go(request, f"{HERE}?done=removed")


async def _page(request: AnyRequest, filled: Filled, status: int = 200) -> Response[str]:
    return page(
        request,
        "templates/administration/working_calendar.html",
        status,
        filled=filled,
        days=await extra_days(),
        today=clock.today(),
        done=DONE.get(request.query_params.get("done", "")),
    )
