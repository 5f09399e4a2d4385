"""The matrix of all people by all use cases (SD 2.5)."""

from typing import Any

from litestar import Response, get, post

from sdes.accounts.entrance import AnyRequest, actor_of, visit_of
from sdes.administration.matrix.filter import SIZES, Filter
from sdes.administration.matrix.seen import Unreadable, shown
from sdes.administration.matrix.table import groups, rows
from sdes.administration.queries.assignments import page_of
from sdes.administration.queries.people import assignable, people
from sdes.administration.routes.matrix.pages import (
    UNREADABLE,
    Problem,
    Shown,
    matrix_page,
    read_matrix,
    saved_or_shown,
    whole,
    within,
)
from sdes.kit.rendering import go
from sdes.permissions import Permission

ROOT = "/users/assignments"
MANAGE = {"permission": Permission.PERSON_MANAGE}


@get(ROOT, name="administration.assignments", opt=MANAGE)
async def index(request: AnyRequest) -> Response[Any]:
    """The people searched for, by the use cases asked for."""
    return await _page(request)


@post(ROOT, name="administration.assignments.save", opt=MANAGE)
async def save(request: AnyRequest) -> Response[Any]:
    """Saves what was changed on the page, all of it or nothing; a whole row or column is ticked, not saved."""
    try:
        form, seen, ticked = await read_matrix(request)
        if choice := form.text("whole"):
            return await _page(request, Shown(seen, whole(seen, ticked, choice)))
    except Unreadable:
        return await _page(request, problem=Problem(UNREADABLE))
    saved, refused = await saved_or_shown(request, seen, ticked, mau_takes=bool(form.text("mau_takes")))
    if refused:
        return await _page(request, refused)
    return go(request, f"{ROOT}{_filter(request).query()}&saved={len(saved or ())}")


def _filter(request: AnyRequest) -> Filter:
    return Filter.read(request.query_params, visit_of(request).display.page_size)


async def _page(request: AnyRequest, given: Shown | None = None, problem: Problem | None = None) -> Response[Any]:
    """The page of the filter in the address, as things are, or with what was `given`."""
    actor, asked = actor_of(request), _filter(request)
    catalogue, allowed = await assignable(actor)
    found = await page_of(actor, asked)
    columns = {case for one in asked.processes(catalogue) for case in allowed if case[0] == one.id}
    if given:
        given = within(given, allowed)
        everybody, columns = await people(actor, given.seen.people), set(given.seen.use_cases)
    else:
        everybody, now = found.people, shown(found.people, [case for case in allowed if case in columns])
        given = Shown(now, now.ticked, problem, 422 if problem else 200)
    return matrix_page(
        request,
        "templates/administration/assignments.html",
        given,
        asked=asked,
        total=found.total,
        first=(asked.page - 1) * asked.size + 1,
        groups=groups(catalogue, [case for case in allowed if case in columns]),
        rows=rows(everybody, given.seen, given.ticked),
        has_default=any(one.default_for & columns for one in everybody),
        choices=groups(catalogue, allowed),
        sizes=SIZES,
    )
