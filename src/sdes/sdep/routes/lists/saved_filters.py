"""Saved filters: all that one has, saving the present list under a name, changing and deleting one's own."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.kit.forms import Form, read_form, without_control_characters
from sdes.kit.rendering import go, page
from sdes.permissions import Permission
from sdes.sdep.access import why_not_change_filter
from sdes.sdep.actions import saved_filters as actions
from sdes.sdep.filters import SavedFilterView, read_params, read_query
from sdes.sdep.forms import is_blank
from sdes.sdep.queries import lists
from sdes.sdep.queries.choices import choices
from sdes.sdep.queries.filters import Chip
from sdes.sdep.queries.saved_filters import saved_filter, saved_filters
from sdes.sdep.routes.lists.listing import SORTS, narrow
from sdes.sdep.routes.side import FOLDERS, side_words

OPT = {"permission": Permission.COMMUNICATION_VIEW}
ROOT = "/sdep/filters"
NAME_LIMIT = 60


@dataclass(frozen=True)
class Typed:
    """The form of a saved filter: what it holds and what is wrong with it."""

    name: str = ""
    is_shared: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, form: Form) -> "Typed":
        name, errors = form.text("name"), {}
        if is_blank(name):
            errors["name"] = "Enter a name"
        elif without_control_characters(name) != name:
            errors["name"] = "The name contained characters that cannot be shown. They were removed: check it."
        elif len(name) > NAME_LIMIT:
            errors["name"] = f"Shorten the name to {NAME_LIMIT} characters. It has {len(name)}."
        return cls(without_control_characters(name), form.text("is_shared") == "on", errors)


@get("/filters", name="sdep.filters", opt=OPT)
async def index(request: AnyRequest) -> Response[Any]:
    """The filters that the actor has saved, and those shared in their company."""
    actor = actor_of(request)
    return page(
        request, "templates/sdep/filters.html", saved=await saved_filters(actor), **await side_words(actor, "filters")
    )


@get("/filters/new", name="sdep.filter.new", opt=OPT)
async def new(request: AnyRequest) -> Response[Any]:
    """Asks for a name for the list whose parameters the address carries."""
    return await _page(request, _canonical(urlencode(list(request.query_params.multi_items()))), Typed())


@post("/filters", name="sdep.filter.save", opt=OPT)
async def save(request: AnyRequest) -> Response[Any]:
    """Saves a list under a name."""
    form = await read_form(request, cookie_of(request))
    typed, query = Typed.read(form), _canonical(form.text("query"))
    if typed.errors:
        return await _page(request, query, typed, status=422)
    saved = await actions.save(actor_of(request), typed.name, query, is_shared=typed.is_shared)
    return go(request, saved.list_href) if saved else await _page(request, query, _taken(typed), status=422)


@get("/filters/{filter_id:int}", name="sdep.filter", opt=OPT)
async def show(request: AnyRequest, filter_id: FromPath[int]) -> Response[Any]:
    """One saved filter: what it shows, and for its owner the form that changes it."""
    saved = await saved_filter(actor_of(request), filter_id)
    return await _page(request, saved.query, Typed(saved.name, saved.is_shared), saved)


@post("/filters/{filter_id:int}", name="sdep.filter.change", opt=OPT)
async def change(request: AnyRequest, filter_id: FromPath[int]) -> Response[Any]:
    """Renames a saved filter of one's own, shares it or no longer."""
    form = await read_form(request, cookie_of(request))
    actor, typed = actor_of(request), Typed.read(form)
    saved = await saved_filter(actor, filter_id)
    if typed.errors:
        return await _page(request, saved.query, typed, saved, 422)
    if await actions.change(actor, filter_id, typed.name, is_shared=typed.is_shared):
        return go(request, ROOT)
    return await _page(request, saved.query, _taken(typed), saved, 422)


@post("/filters/{filter_id:int}/removal", name="sdep.filter.remove", opt=OPT)
async def remove(request: AnyRequest, filter_id: FromPath[int]) -> Response[Any]:
    """Deletes a saved filter of one's own."""
    await read_form(request, cookie_of(request))
    await actions.remove(actor_of(request), filter_id)
    return go(request, ROOT)


def _canonical(query: str) -> str:
    """The parameters of a list that a saved filter keeps."""
    asked, params = read_query(query), read_params(query)
    order = lists.Order.read(params.get("sort"), params.get("direction"))
    return urlencode({**asked.filters.words(), **order.words()})


def _taken(typed: Typed) -> Typed:
    return Typed(typed.name, typed.is_shared, {"name": actions.TAKEN})


async def _page(
    request: AnyRequest, query: str, typed: Typed, saved: SavedFilterView | None = None, status: int = 200
) -> Response[str]:
    actor, asked = actor_of(request), read_query(query)
    found = await narrow(actor, asked, await choices(actor, asked.filters, all_people=False))
    order = lists.Order.read(read_params(query).get("sort"), read_params(query).get("direction"))
    shown = [Chip("folder", "Folder", FOLDERS[found.filters.folder][0]), *found.chips]
    if order != lists.Order():
        shown.append(Chip("sort", "Sorted by", SORTS[order.key] + ("" if order.is_first_way else ", reversed")))
    return page(
        request,
        "templates/sdep/filter.html",
        status,
        query=query,
        typed=typed,
        saved=saved,
        chips=shown,
        problems=found.problems,
        why_reads=why_not_change_filter(actor, saved) if saved else "",
        **await side_words(actor, "filters", saved=saved.id if saved else 0),
    )
