"""The last step of every way to sign in: the cookie, and where to go on."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response

from sdes.accounts.actions.sign_in import Device, Opened
from sdes.accounts.cookies import remember
from sdes.accounts.entrance import AnyRequest, address_of
from sdes.accounts.tables import SessionStage
from sdes.kit.rendering import go


def device_of(request: AnyRequest) -> Device:
    """What the request comes from."""
    return Device(address_of(request), request.headers.get("User-Agent", ""))


def let_in(request: AnyRequest, opened: Opened, target: str) -> Response[Any]:
    """Gives the browser its new session and sends it to `target` of this site, by way of the second factor if that is
    still to come."""
    if opened.stage is SessionStage.SECOND_FACTOR:
        target = "/sign-in/second-factor?" + urlencode({"next": target})
    return remember(go(request, target), opened.token, request.app.state.settings)
