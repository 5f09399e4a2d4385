"""Pages that leave a trace are not fetched ahead: only a person's own wish to see them counts."""

from typing import Any

from litestar import Request

from sdes.kit.errors import SdesError


class NotAhead(SdesError):
    """A browser that guesses is told to wait until somebody asks."""

    status = 503
    title = "Open this page yourself"


def refuse_prefetch(request: Request[Any, Any, Any]) -> None:
    """Refuses a request that the browser makes on a guess (prefetch, prerender)."""
    purpose = (
        request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "") + request.headers.get("X-Moz", "")
    )
    if "prefetch" in purpose or "prerender" in purpose:
        raise NotAhead("This page is shown only to somebody who opens it.")
