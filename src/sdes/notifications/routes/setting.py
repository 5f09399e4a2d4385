"""How often one wants mail about what one has not looked at (SD 11.1(f))."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.accounts.queries import own_address
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.notifications import actions, queries
from sdes.notifications.access import why_no_mail
from sdes.notifications.forms import FREQUENCIES, frequency_from
from sdes.permissions import Permission

PAGE = "/account/notifications"
OWN = {"permission": Permission.NOTIFICATION_OWN}


@get(PAGE, name="notifications.setting", opt=OWN)
async def show(request: AnyRequest, saved: FromQuery[str | None] = None) -> Response[Any]:
    """How often mail is sent to the actor, and whether it can be."""
    return await _page(request, is_saved=saved == "1")


@post(PAGE, name="notifications.setting.change", opt=OWN)
async def change(request: AnyRequest) -> Response[Any]:
    """Keeps what was chosen."""
    frequency, errors = frequency_from(await read_form(request, cookie_of(request)))
    if frequency is None:
        return await _page(request, 422, errors=errors)
    await actions.set_frequency(actor_of(request), frequency)
    return go(request, f"{PAGE}?saved=1")


async def _page(
    request: AnyRequest, status: int = 200, *, is_saved: bool = False, errors: dict[str, str] | None = None
) -> Response[Any]:
    actor = actor_of(request)
    address = await own_address(actor)
    return page(
        request,
        "templates/notifications/setting.html",
        status,
        address=address,
        why_no_mail=why_no_mail(address),
        frequency=await queries.frequency(actor),
        frequencies=FREQUENCIES,
        is_saved=is_saved,
        errors=errors or {},
    )
