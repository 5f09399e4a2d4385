"""The market participants of a company: added, begun and ended (SL 21, 22)."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.administration.actions import participants as actions
from sdes.administration.forms import companies as company_forms
from sdes.administration.forms.companies import Filled
from sdes.administration.queries.companies import company
from sdes.administration.routes.companies.pages import MANAGE, ROOT, company_page, here, refusal_of
from sdes.catalogue.dates import show_date
from sdes.kit.errors import NotFound
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page

ALL = f"{ROOT}/{{company_id:int}}/participants"
ONE = f"{ALL}/{{participant_id:int}}"


@post(ALL, name="administration.participant.add", opt=MANAGE)
async def add(request: AnyRequest, company_id: FromPath[int]) -> Response[Any]:
    """Gives the company a market role under an MPID."""
    actor = actor_of(request)
    read, filled = company_forms.participant(await read_form(request, cookie_of(request)))
    if read:
        mpid, role, period = read
        refused = await refusal_of(actions.add(actor, company_id, mpid, role, period.first, period.last))
        if not refused:
            return go(request, here(company_id, "participant"))
        filled.errors["mpid"] = refused
    return await company_page(request, company_id, {"participant": filled}, 422)


@get(ONE, name="administration.participant", opt=MANAGE)
async def show(request: AnyRequest, company_id: FromPath[int], participant_id: FromPath[int]) -> Response[Any]:
    """The days from and to which the company holds a market role."""
    return await _page(request, company_id, participant_id)


@post(ONE, name="administration.participant.change", opt=MANAGE)
async def change(request: AnyRequest, company_id: FromPath[int], participant_id: FromPath[int]) -> Response[Any]:
    """Changes these days."""
    form, actor = await read_form(request, cookie_of(request)), actor_of(request)
    period, filled = company_forms.participant_dates(form)
    if period:
        first, last, mark = period.first, period.last, form.raw("mark")
        refused = await refusal_of(actions.change(actor, company_id, participant_id, first, last, mark))
        if not refused:
            return go(request, here(company_id, "participant"))
        filled.errors["effective_from"] = refused
    return await _page(request, company_id, participant_id, filled)


@post(f"{ONE}/removal", name="administration.participant.remove", opt=MANAGE)
async def remove(request: AnyRequest, company_id: FromPath[int], participant_id: FromPath[int]) -> Response[Any]:
    """Takes back one that was entered wrongly."""
    await read_form(request, cookie_of(request))
    refused = await refusal_of(actions.remove(actor_of(request), company_id, participant_id))
    if not refused:
        return go(request, here(company_id, "participant-removed"))
    return await _page(request, company_id, participant_id, refused=refused)


async def _page(
    request: AnyRequest, company_id: int, participant_id: int, filled: Filled | None = None, refused: str = ""
) -> Response[str]:
    shown = await company(actor_of(request), company_id)
    one = next((held for held in shown.participants if held.id == participant_id), None)
    if one is None:
        raise NotFound("There is no such market participant.")
    ends = show_date(one.effective_to) if one.effective_to else ""
    given = filled or Filled({"effective_from": show_date(one.effective_from), "effective_to": ends})
    if refused:
        given.errors[""] = refused
    return page(
        request,
        "templates/administration/participant.html",
        422 if given.errors else 200,
        company=shown,
        participant=one,
        filled=given,
        mark=company_forms.dates_mark(one.effective_from, one.effective_to),
    )
