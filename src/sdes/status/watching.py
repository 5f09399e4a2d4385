"""The outermost middleware: gives each request its id, measures it, and writes its line in the log."""

from time import perf_counter
from typing import Any
from uuid import uuid4

from litestar.types import ASGIApp, Message, Receive, Send

from sdes.kit import logs
from sdes.kit.rendering import static_version
from sdes.status import measures, tracing

GONE = 499  # whoever asked did not wait for an answer, and nothing was done


class Watched:
    """ASGI: around the whole application, errors and addresses that lead nowhere included.

    Of a request it keeps the route's template, never the address, its parameters, its query or its headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._routes: dict[str, str] = {}

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, size = perf_counter(), 0, 0
        id = scope["state"]["request_id"] = uuid4().hex[:12]

        async def watched(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", id.encode())]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        measures.in_progress.inc()
        try:
            with logs.named(id), tracing.request(scope["method"]) as span:
                try:
                    await self.app(scope, receive, watched)
                finally:
                    status = status or (GONE if scope["state"].get("is_dropped") else 500)
                    span.answered(self._route(scope), status, id)
        finally:
            measures.in_progress.dec()
            self._tell(scope, id, status, size, perf_counter() - began)

    def _tell(self, scope: Any, id: str, status: int, size: int, seconds: float) -> None:
        route, visit = self._route(scope), scope["state"].get("visit")
        method = scope["method"] if scope["method"] in measures.METHODS else "OTHER"
        measures.observe(route, method, status, seconds)
        logs.access(
            {
                "id": id,
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "bytes": size,
                "company": visit.actor.company_id if visit else None,
            }
        )

    def _route(self, scope: Any) -> str:
        path = scope.get("path_template", measures.NOWHERE)
        if (route := self._routes.get(path)) is None:
            route = self._routes[path] = path.replace(static_version(), "VERSION")
        return route
