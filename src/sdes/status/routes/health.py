"""Health, as a load balancer asks for it."""

from typing import Any

from litestar import Response, get

from sdes.accounts.entrance import AnyRequest
from sdes.permissions import Permission

OPEN = {"permission": Permission.ANYONE, "transaction": "none"}


@get("/health/live", name="status.live", opt=OPEN)
async def live() -> Response[Any]:
    """The process answers. Asks nothing of anything else."""
    return Response({"status": "alive"})


@get("/health/ready", name="status.ready", opt=OPEN)
async def ready(request: AnyRequest) -> Response[Any]:
    """Whether requests may be sent here: 503 without database, store or keys, and which of them is missing."""
    state = request.app.state
    found = await state.readiness.now(state.vault)
    parts = {name: words for name, (_, words) in found.parts.items()}
    return Response({"status": found.status, "parts": parts}, status_code=200 if found.is_ready else 503)
