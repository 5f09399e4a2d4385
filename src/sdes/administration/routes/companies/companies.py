"""The companies that the overseers look after: the list, a new one, one of them and its standing (SL 20, SD 10.2)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.administration.actions import companies as actions
from sdes.administration.forms import companies as company_forms
from sdes.administration.forms.companies import Filled
from sdes.administration.queries.companies import FILTERS, page_of
from sdes.administration.routes.companies.pages import MANAGE, QUALIFY, ROOT, VIEW, company_page, here, refusal_of
from sdes.administration.views.companies import CompanyView
from sdes.kit import clock
from sdes.kit.forms import read_form, without_control_characters
from sdes.kit.paging import Cursor
from sdes.kit.rendering import go, listing, page

ONLY = (
    ("qualified", "Qualified"),
    ("not-qualified", "Not Qualified"),
    ("accession", "Accession under way"),
    ("no-master-admin", "Without a Master Admin User"),
)
MOST_SEARCHED = 120  # characters


@dataclass(frozen=True)
class Listing:
    """A page of the list with the addresses of its neighbours."""

    rows: list[CompanyView]
    search: str
    only: str
    previous: Cursor | None
    next: Cursor | None

    @property
    def first_href(self) -> str:
        return self.href(None)

    @property
    def previous_href(self) -> str | None:
        return self.href(self.previous) if self.previous else None

    @property
    def next_href(self) -> str | None:
        return self.href(self.next) if self.next else None

    def href(self, cursor: Cursor | None) -> str:
        words = {"q": self.search, "only": self.only, "page": str(cursor) if cursor else ""}
        query = urlencode({name: value for name, value in words.items() if value})
        return f"{ROOT}?{query}" if query else ROOT


@get(ROOT, name="administration.companies", opt=VIEW)
async def index(
    request: AnyRequest,
    q: FromQuery[str] = "",
    only: FromQuery[str] = "",
    page: FromQuery[str | None] = None,
) -> Response[Any]:
    """All companies by name, or those that were searched for."""
    search = " ".join(without_control_characters(q).split())[:MOST_SEARCHED]
    only = only if only in FILTERS else ""
    found = await page_of(actor_of(request), search, only, Cursor.read(page))
    made = Listing(found.rows, search, only, found.previous, found.next)
    answer = listing(
        request,
        "templates/administration/companies.html",
        "partials/administration/company_rows.html",
        listing=made,
        choices=ONLY,
    )
    answer.headers["HX-Push-Url"] = made.href(Cursor.read(page))
    return answer


@get(f"{ROOT}/new", name="administration.company.new", opt=MANAGE)
async def new(request: AnyRequest) -> Response[Any]:
    """Where a company is opened."""
    return _new(request, Filled({}))


@post(ROOT, name="administration.company.open", opt=MANAGE)
async def open_company(request: AnyRequest) -> Response[Any]:
    """Opens an SDES User (SL 20)."""
    name, filled = company_forms.company_name(await read_form(request, cookie_of(request)))
    if not filled.errors:
        made: list[int] = []

        async def opening() -> None:
            made.append(await actions.open_company(actor_of(request), name))

        if refused := await refusal_of(opening()):
            filled.errors["name"] = refused
        else:
            return go(request, here(made[0], "opened"))
    return _new(request, filled, 422)


@get(f"{ROOT}/{{company_id:int}}", name="administration.company", opt=VIEW)
async def show(request: AnyRequest, company_id: FromPath[int]) -> Response[Any]:
    """One company: its market participants, its accession, its MAU, and what was done to it."""
    return await company_page(request, company_id)


@post(f"{ROOT}/{{company_id:int}}/name", name="administration.company.rename", opt=MANAGE)
async def rename(request: AnyRequest, company_id: FromPath[int]) -> Response[Any]:
    """Gives it another name."""
    form = await read_form(request, cookie_of(request))
    name, filled = company_forms.company_name(form)
    if not filled.errors:
        refused = await refusal_of(actions.rename(actor_of(request), company_id, name, form.raw("mark")))
        if not refused:
            return go(request, here(company_id, "renamed"))
        filled.errors["name"] = refused
    return await company_page(request, company_id, {"name": filled}, 422)


@post(f"{ROOT}/{{company_id:int}}/accession", name="administration.company.accession", opt=MANAGE)
async def set_accession(request: AnyRequest, company_id: FromPath[int]) -> Response[Any]:
    """Records the steps of its accession (SL 20)."""
    form = await read_form(request, cookie_of(request))
    steps, filled = company_forms.accession(form, clock.today())
    if not filled.errors:
        refused = await refusal_of(actions.set_accession(actor_of(request), company_id, steps, form.raw("mark")))
        if not refused:
            return go(request, here(company_id, "accession"))
        filled.errors[""] = refused
    return await company_page(request, company_id, {"accession": filled}, 422)


@post(f"{ROOT}/{{company_id:int}}/qualification", name="administration.company.qualification", opt=QUALIFY)
async def qualify(request: AnyRequest, company_id: FromPath[int]) -> Response[Any]:
    """Records whether it is Qualified, with the reason (SD 10.2)."""
    (is_qualified, reason), filled = company_forms.qualification(await read_form(request, cookie_of(request)))
    if not filled.errors:
        refused = await refusal_of(actions.qualify(actor_of(request), company_id, is_qualified, reason))
        if not refused:
            return go(request, here(company_id, "qualification"))
        filled.errors["qualified"] = refused
    return await company_page(request, company_id, {"qualification": filled}, 422)


def _new(request: AnyRequest, filled: Filled, status: int = 200) -> Response[str]:
    return page(request, "templates/administration/new_company.html", status, filled=filled)
