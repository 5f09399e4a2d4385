"""A company's Master Admin User: appointed, replaced, helped back in (SD 2.4)."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.administration.access import why_no_master_admin
from sdes.administration.actions import master_admins as actions
from sdes.administration.forms import companies as company_forms
from sdes.administration.forms.companies import Filled
from sdes.administration.forms.people import person_id_from
from sdes.administration.queries.companies import company
from sdes.administration.routes.companies.pages import APPOINT, ROOT, here, refusal_of
from sdes.kit.errors import Refused
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page

HERE = f"{ROOT}/{{company_id:int}}/master-admin"


@get(HERE, name="administration.master-admin", opt=APPOINT)
async def show(request: AnyRequest, company_id: FromPath[int]) -> Response[Any]:
    """Where a MAU is appointed, or another in the place of the one there is."""
    return await _page(request, company_id, Filled({}), 200)


@post(HERE, name="administration.master-admin.appoint", opt=APPOINT)
async def appoint(request: AnyRequest, company_id: FromPath[int]) -> Response[Any]:
    """Appoints a MAU, instead of the one whom the page showed."""
    form = await read_form(request, cookie_of(request))
    instead_of = person_id_from(form.text("instead_of"))
    new, filled = company_forms.master_admin(form, replaces=instead_of is not None)
    if not filled.errors:
        refused = await refusal_of(actions.appoint(actor_of(request), company_id, new, instead_of=instead_of))
        if not refused:
            return go(request, here(company_id, "master-admin"))
        filled.errors["email"] = refused
    return await _page(request, company_id, filled, 422)


@post(f"{HERE}/reset", name="administration.master-admin.reset", opt=APPOINT)
async def reset(request: AnyRequest, company_id: FromPath[int]) -> Response[Any]:
    """Sends the MAU a new single-use password and takes their second factor away."""
    await read_form(request, cookie_of(request))
    await actions.reset(actor_of(request), company_id)
    return go(request, here(company_id, "reset"))


async def _page(request: AnyRequest, company_id: int, filled: Filled, status: int) -> Response[str]:
    actor = actor_of(request)
    shown = await company(actor, company_id)
    if why := why_no_master_admin(actor, shown):
        raise Refused(why)
    return page(
        request,
        "templates/administration/master_admin.html",
        status,
        company=shown,
        former=shown.master_admin,
        filled=filled,
    )
