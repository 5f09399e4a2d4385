"""Measures, for whoever bears the token that the operator has set."""

import hmac
from typing import Any

from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST

from sdes.accounts.entrance import AnyRequest
from sdes.kit.errors import NotFound
from sdes.permissions import Permission
from sdes.status import exposition


@get("/metrics", name="status.metrics", opt={"permission": Permission.ANYONE, "transaction": "none"})
async def show(request: AnyRequest) -> Response[Any]:
    """The measures as text; without a token set, or without that token, there is no such page."""
    settings = request.app.state.settings
    sent = request.headers.get("Authorization", "").encode()
    expected = f"Bearer {settings.metrics_token}".encode()
    if not settings.metrics_token or not hmac.compare_digest(sent, expected):
        raise NotFound("Check the address.")
    found = await exposition.text(settings.session_idle, settings.backup_expected)
    return Response(found, media_type=CONTENT_TYPE_LATEST)
