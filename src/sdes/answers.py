"""Answers when something goes wrong, and the headers of every answer."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from litestar import Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from sdes.accounts.entrance import AnyRequest
from sdes.accounts.forms import with_next
from sdes.guard import SignInFirst, SignInUnfinished
from sdes.kit import pool
from sdes.kit.db import LOST
from sdes.kit.errors import SdesError, Unavailable
from sdes.kit.problems import NO_ROOM, problem_of
from sdes.kit.rendering import environment, go, page, wants_fragment
from sdes.status import machine

log = logging.getLogger(__name__)

Handler = Callable[[AnyRequest, Any], Response[Any]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
OF_PROGRAMS = "/api/v1"  # whose readers are no people
OF_COMMUNICATIONS = "/sdep/communications/"
NEVER_TURNED_AWAY = ("/static/", "/health/", "/metrics", "/api/")  # programs are told in their own words
NO_PAGE = "Check the address. The record may have been deleted, or it may not be one of yours."
NO_SENSE = "Part of the address could not be read. Check the address, or begin again from the start page."


async def add_headers(message: Message, scope: Scope) -> None:
    """Gives every answer its security headers, unless it has stricter ones of its own."""
    if message["type"] != "http.response.start":
        return
    present = {name.lower() for name, _ in message["headers"]}
    added = [(name, value) for name, value in HEADERS.items() if name not in present]
    if scope["litestar_app"].state.settings.https:
        added.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    if b"cache-control" not in present:
        added.append((b"cache-control", b"no-store"))
    message["headers"] = [*message["headers"], *added]


def exception_handlers() -> dict[Any, Any]:
    """Which error becomes which answer: a page for people, application/problem+json for programs."""
    return {kind: _for_either(as_page) for kind, as_page in _pages().items()}


def _for_either(as_page: Handler) -> Handler:
    def answer(request: AnyRequest, error: Any) -> Response[Any]:
        if request.scope["path"].startswith(OF_PROGRAMS):
            return problem_of(error, _request_id(request))
        return as_page(request, error)

    return answer


def no_such_file(request: AnyRequest, error: Exception) -> Response[Any]:
    """What is asked for below a file, or under a name that no file can have, is not there."""
    is_none = isinstance(error.__cause__, OSError) or isinstance(error, ValueError)  # a NUL in the name
    return _error(request, 404, "Page not found", NO_PAGE) if is_none else _ours(request, error)


class Crowded:
    """ASGI: tells people who come while too many wait for the database to come back later, and asks nothing of the
    application for it: the more are turned away, the cheaper it must be to turn them away."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._page = b""

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and pool.is_crowded() and not scope["path"].startswith(NEVER_TURNED_AWAY):
            self._page = self._page or _standalone_text(503, Unavailable.title, pool.VERY_BUSY, "").encode()
            told = {**HEADERS, b"content-type": b"text/html; charset=utf-8", b"cache-control": b"no-store"}
            headers = [*told.items(), (b"retry-after", b"30"), (b"content-length", str(len(self._page)).encode())]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body", "body": self._page, "more_body": False})
        else:
            await self.app(scope, receive, send)


def _pages() -> dict[Any, Handler]:
    return {
        SignInFirst: _sign_in_first,
        SignInUnfinished: lambda request, error: _elsewhere(request, with_next(error.path, error.next)),
        Unavailable: _unavailable,
        **dict.fromkeys(LOST, _lost),
        **dict.fromkeys(NO_ROOM, _full),
        SdesError: _told,
        NotFoundException: lambda request, _: _error(request, 404, "Page not found", NO_PAGE),
        MethodNotAllowedException: lambda request, _: _error(request, 405, "Page not found", NO_PAGE),
        ValidationException: lambda request, _: _error(request, 400, "That could not be read", NO_SENSE),
        ClientException: _client,
        HTTPException: _client,
        Exception: _ours,
    }


def _sign_in_first(request: AnyRequest, error: SignInFirst) -> Response[Any]:
    words = {"next": error.next, "why": error.why}
    if wants_fragment(request):
        return Response(b"", status_code=401, headers={"Cache-Control": "no-store"})
    query = urlencode({name: value for name, value in words.items() if value and value != "/"})
    return _elsewhere(request, f"/sign-in?{query}" if query else "/sign-in")


def _elsewhere(request: AnyRequest, path: str) -> Response[Any]:
    """Sends the browser on without doing what it asked for: whatever the request began is undone."""
    request.scope["state"]["is_refused"] = True
    return go(request, path)


def _told(request: AnyRequest, error: SdesError) -> Response[Any]:
    back = _communication(request) if error.status in (409, 410) else ""
    return _error(request, error.status, error.title, str(error), error.draft_href, back)


def _communication(request: AnyRequest) -> str:
    """The reference of the communication that the request was about, empty for none."""
    return str(request.path_params.get("reference", "")) if request.scope["path"].startswith(OF_COMMUNICATIONS) else ""


def _client(request: AnyRequest, error: HTTPException) -> Response[Any]:
    if error.status_code >= 500:
        return _ours(request, error)
    if error.status_code == 404:
        return _error(request, 404, "Page not found", NO_PAGE)
    return _error(
        request, error.status_code, "That could not be read", error.detail or "The request could not be read."
    )


def _lost(request: AnyRequest, error: Exception) -> Response[Any]:
    log.error("lost the database: %s", type(error).__name__)
    return _unavailable(request, Unavailable("The database does not answer. Nothing was saved."))


def _full(request: AnyRequest, error: Exception) -> Response[Any]:
    log.error("the database has no room: %s", type(error).__name__)
    machine.note_full_database()
    return _unavailable(request, Unavailable("The database has no room for anything new. Nothing was saved."))


def _unavailable(request: AnyRequest, error: Unavailable) -> Response[Any]:
    """A part does not answer: a page that needs none of them."""
    return _standalone(request, 503, Unavailable.title, f"{error} We go on by ourselves as soon as it is back.")


def _ours(request: AnyRequest, error: Exception) -> Response[Any]:
    """Our own fault: logged under the id that the page shows."""
    log.exception("request %s failed", _request_id(request), exc_info=error)
    text = "Something went wrong on our side. Nothing was saved. Try again; if it happens again, tell the service desk."
    return _standalone(request, 500, "Something went wrong", text)


def _error(
    request: AnyRequest, status: int, title: str, text: str, draft_href: str = "", back_to: str = ""
) -> Response[Any]:
    if "visit" not in request.scope.get("state", {}):
        return _standalone(request, status, title, text)
    words = {"title": title, "text": text, "request_id": None, "draft_href": draft_href, "back_to": back_to}
    return page(request, "templates/errors/error.html", status, **words)


def _standalone_text(status: int, title: str, text: str, request_id: str) -> str:
    link = "Try again" if status >= 500 else "Go to the start page"
    words = {"title": title, "text": text, "request_id": request_id or None, "link": link}
    return environment().get_template("templates/errors/standalone.html").render(words)


def _standalone(request: AnyRequest, status: int, title: str, text: str) -> Response[Any]:
    html = _standalone_text(status, title, text, _request_id(request) if status >= 500 else "")
    headers = {"Cache-Control": "no-store", **({"Retry-After": "30"} if status == 503 else {})}
    return Response(html, status_code=status, media_type="text/html", headers=headers)


def _request_id(request: AnyRequest) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))
