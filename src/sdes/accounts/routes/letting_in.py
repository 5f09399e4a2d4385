"""The last step of every way to sign in: the cookies, and where to go on."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response

from sdes.accounts.actions.sign_in import Device, Opened
from sdes.accounts.cookies import mark, remember
from sdes.accounts.entrance import AnyRequest, address_of
from sdes.accounts.tables import SessionStage
from sdes.kit.rendering import go


def device_of(request: AnyRequest) -> Device:
    """What the request comes from."""
    known_by = request.cookies.get(request.app.state.settings.browser_cookie, "")
    return Device(address_of(request), request.headers.get("User-Agent", ""), known_by)


def let_in(request: AnyRequest, opened: Opened, target: str) -> Response[Any]:
    """Gives the browser its new session and sends it to `target` of this site, by way of the second factor if that is
    still to come."""
    if opened.stage is SessionStage.SECOND_FACTOR:
        target = "/sign-in/second-factor?" + urlencode({"next": target})
    settings = request.app.state.settings
    answer = remember(go(request, target), opened.token, settings)
    return mark(answer, opened.mark, settings) if opened.mark else answer
