"""What the pages of one company are given, whatever form on them could not be taken."""

from collections.abc import Awaitable
from typing import Any

from litestar import Response

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.administration.access import why_accession_stays, why_no_master_admin, why_not_qualified
from sdes.administration.forms.companies import Filled, accession_mark, name_mark
from sdes.administration.queries.audit import company_history
from sdes.administration.queries.companies import company
from sdes.administration.views.companies import STEPS, Accession
from sdes.catalogue.dates import show_date
from sdes.catalogue.roles import MarketRole
from sdes.kit import clock, db
from sdes.kit.errors import Refused
from sdes.kit.rendering import page
from sdes.permissions import Permission

ROOT = "/companies"
VIEW = {"permission": Permission.COMPANY_VIEW}
MANAGE = {"permission": Permission.COMPANY_MANAGE}
QUALIFY = {"permission": Permission.COMPANY_QUALIFY}
APPOINT = {"permission": Permission.MASTER_ADMIN_APPOINT}

ROLES = [(role.value, role.label) for role in MarketRole]
# What the page says after something was done; the key is what its address carries.
DONE = {
    "opened": "The company is open. Add its market participants, and record its accession as it goes on.",
    "renamed": "The name is changed. What was sent before stays under the name of then.",
    "accession": "The accession is recorded.",
    "participant": "The market participant is saved.",
    "participant-removed": "The market participant is removed.",
    "qualification": "It is recorded whether the company is Qualified.",
    "master-admin": "The Master Admin User is appointed, and told by e-mail.",
    "reset": "The Master Admin User has been sent a new single-use password, and has no second factor any more.",
}


async def company_page(
    request: AnyRequest, company_id: int, filled: dict[str, Filled] | None = None, status: int = 200
) -> Response[str]:
    """One company; `filled` holds what was typed into a form of the page that was not taken, by the form's name."""
    actor = actor_of(request)
    shown = await company(actor, company_id)
    today = clock.today()
    given = filled or {}
    forms = {
        "name": Filled({"name": shown.name}),
        "participant": Filled({}),
        "accession": Filled(_accession_values(shown.accession)),
        "qualification": Filled({"qualified": "yes" if shown.is_qualified else "no"}),
        **given,
    }
    return page(
        request,
        "templates/administration/company.html",
        status,
        company=shown,
        forms=forms,
        marks={"name": name_mark(shown.name), "accession": accession_mark(shown.accession)},
        has_errors=any(form.errors for form in given.values()),
        today=today,
        steps=STEPS,
        roles=ROLES,
        why_not_qualified=why_not_qualified(shown, today),
        why_no_master_admin=why_no_master_admin(actor, shown),
        why_accession_stays=why_accession_stays(shown) if shown.accession.is_complete else "",
        history=await company_history(actor, company_id),
        may={name.lower(): actor.may(Permission[name]) for name in _ASKED},
        done=DONE.get(request.query_params.get("done", "")),
    )


async def refusal_of(doing: Awaitable[Any]) -> str:
    """Does it, all of it or nothing; gives the sentence with which it was refused, or nothing."""
    try:
        async with db.transaction():
            await doing
    except Refused as refused:
        return str(refused)
    return ""


def here(company_id: int, done: str = "") -> str:
    """The address of a company's page, which then says what was `done` (a key of `DONE`)."""
    return f"{ROOT}/{company_id}{f'?done={done}' if done else ''}"


_ASKED = ("COMPANY_MANAGE", "COMPANY_QUALIFY", "MASTER_ADMIN_APPOINT")


def _accession_values(accession: Accession) -> dict[str, str]:
    days = {column: getattr(accession, column) for column, _, _ in STEPS}
    return {column: show_date(day) if day else "" for column, day in days.items()}
