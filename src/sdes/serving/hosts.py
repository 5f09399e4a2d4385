"""Which host a request is for: it says so once, so that nobody before us or after us reads another one."""

from typing import Any

from sdes.serving.refusals import say

TWICE = "The request names the host that it is for more than once. Nothing was done."


class OneHost:
    """ASGI: a request with more than one Host header is refused, as RFC 9112, 3.2 asks for."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and sum(name == b"host" for name, _ in scope["headers"]) > 1:
            await say(send, 400, TWICE)
        else:
            await self._app(scope, receive, send)
