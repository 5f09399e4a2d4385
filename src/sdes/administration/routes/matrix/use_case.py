"""One use case by itself: who is assigned to it, and everybody found put in or taken out at once (SD 2.5)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, visit_of
from sdes.actor import Actor
from sdes.administration.matrix.filter import SIZES, Filter
from sdes.administration.matrix.seen import Unreadable, box_value, shown
from sdes.administration.queries.assignments import everybody, page_of
from sdes.administration.queries.people import assignable, people
from sdes.administration.routes.matrix.pages import (
    UNREADABLE,
    Problem,
    Shown,
    matrix_page,
    read_matrix,
    saved_or_shown,
)
from sdes.administration.words import use_case_title
from sdes.catalogue.rules import UseCase
from sdes.kit.errors import NotFound
from sdes.kit.rendering import go
from sdes.permissions import Permission

ROOT = "/users/assignments/{process_id:int}/{level:int}"
MANAGE = {"permission": Permission.PERSON_MANAGE}


@dataclass(frozen=True)
class Place:
    """A use case that people of the company can be assigned to, and where its page is."""

    use_case: UseCase
    title: str
    level_name: str
    response_text: str

    @property
    def href(self) -> str:
        return f"/users/assignments/{self.use_case[0]}/{self.use_case[1]}"

    @property
    def key(self) -> str:
        return box_value(self.use_case)


@get(ROOT, name="administration.use-case", opt=MANAGE)
async def show(request: AnyRequest, process_id: FromPath[int], level: FromPath[int]) -> Response[Any]:
    """The people searched for, and which of them are assigned to the use case."""
    return await _page(request, await _place(actor_of(request), (process_id, level)))


@post(ROOT, name="administration.use-case.save", opt=MANAGE)
async def save(request: AnyRequest, process_id: FromPath[int], level: FromPath[int]) -> Response[Any]:
    """Saves who was ticked and cleared, all of it or nothing."""
    place = await _place(actor_of(request), (process_id, level))
    try:
        form, seen, ticked = await read_matrix(request)
        _insist_on(seen.use_cases == (place.use_case,))
    except Unreadable:
        return await _page(request, place, problem=Problem(UNREADABLE))
    saved, refused = await saved_or_shown(request, seen, ticked, mau_takes=bool(form.text("mau_takes")))
    if refused:
        return await _page(request, place, refused)
    return go(request, f"{place.href}{_filter(request).query()}&saved={len(saved or ())}")


@get(f"{ROOT}/everybody", name="administration.use-case.everybody", opt=MANAGE)
async def ask(request: AnyRequest, process_id: FromPath[int], level: FromPath[int]) -> Response[Any]:
    """Asks whether everybody found, on whatever page, is to be put in or taken out."""
    return await _question(request, await _place(actor_of(request), (process_id, level)))


@post(f"{ROOT}/everybody", name="administration.use-case.everybody.save", opt=MANAGE)
async def save_everybody(request: AnyRequest, process_id: FromPath[int], level: FromPath[int]) -> Response[Any]:
    """Puts in or takes out the very people that the question was about."""
    place = await _place(actor_of(request), (process_id, level))
    try:
        form, seen, _ = await read_matrix(request)
        _insist_on(seen.use_cases == (place.use_case,))
    except Unreadable:
        return await _question(request, place, problem=Problem(UNREADABLE))
    cells = frozenset((one, place.use_case) for one in seen.people)
    ticked = frozenset() if _takes_out(request) else cells
    saved, refused = await saved_or_shown(request, seen, ticked, mau_takes=bool(form.text("mau_takes")))
    if refused:
        return await _question(request, place, refused.problem)
    return go(request, f"{place.href}{_filter(request).query(page=1)}&saved={len(saved or ())}")


async def _place(actor: Actor, use_case: UseCase) -> Place:
    catalogue, allowed = await assignable(actor)
    if use_case not in allowed:
        raise NotFound("There is no such use case in your company.")
    level = next(one for one in catalogue if one.id == use_case[0]).level(use_case[1])
    return Place(use_case, use_case_title(catalogue, use_case), level.name, level.response_text)


def _filter(request: AnyRequest) -> Filter:
    return Filter.read(request.query_params, visit_of(request).display.page_size)


def _takes_out(request: AnyRequest) -> bool:
    return bool(request.query_params.get("choice") == "out")


def _insist_on(is_so: bool) -> None:
    if not is_so:
        raise Unreadable("the form is of another use case")


async def _page(
    request: AnyRequest, place: Place, given: Shown | None = None, problem: Problem | None = None
) -> Response[Any]:
    actor, asked = actor_of(request), _filter(request)
    found = await page_of(actor, asked)
    rows = await people(actor, given.seen.people) if given else found.people
    now = shown(rows, [place.use_case])
    return matrix_page(
        request,
        "templates/administration/use_case.html",
        given or Shown(now, now.ticked, problem, 422 if problem else 200),
        place=place,
        rows=rows,
        asked=asked,
        total=found.total,
        first=(asked.page - 1) * asked.size + 1,
        sizes=SIZES,
    )


async def _question(request: AnyRequest, place: Place, problem: Problem | None = None) -> Response[Any]:
    """The question is asked of things as they are; where it was refused, that is shown above it."""
    actor, asked, out = actor_of(request), _filter(request), _takes_out(request)
    found = await everybody(actor, asked)
    now = shown(found, [place.use_case])
    concerned = [one for one in found if ((one.id, place.use_case) in now.ticked) == out]
    status = 200 if not problem else 422 if problem.text == UNREADABLE else 409
    return matrix_page(
        request,
        "templates/administration/everybody.html",
        Shown(shown(concerned, [place.use_case]), now.ticked, problem, status),
        place=place,
        asked=asked,
        out=out,
        found=len(found),
        suspended=sum(not one.is_active for one in concerned),
        names=[one.name for one in concerned[:5]],
        query=asked.query(page=1) + "&" + urlencode({"choice": "out" if out else "in"}),
    )
