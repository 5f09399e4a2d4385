"""Every request's way in: its id, its transaction, its session, its actor; and the commit when the answer starts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from litestar import Request
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from sdes.accounts.cookies import form_cookie_header
from sdes.accounts.sessions import Visit, act_for, enter, enter_by_key, new_token
from sdes.actor import Actor
from sdes.kit import csrf, db, pool
from sdes.kit.errors import Unavailable
from sdes.kit.forms import whole_body
from sdes.settings import Settings

AnyRequest = Request[Any, Any, Any]
BODY_OF_PROGRAMS = 64 * 1024  # bytes
MOST_SLOW = 3  # pages of those that may be slow, at a time in a process


class Entrance:
    """ASGI middleware of every route. What a route's `opt` says:

    `transaction` "none" takes no database at all (static files), "own" only looks the session up, in one round trip,
    and the handler opens `acting(...)` where it needs one (uploads, streams, polls); "reads" has no transaction around
    it: each statement reads in one of its own, and what the handler has to write it writes in `db.transaction()`.
    Otherwise one transaction spans the handler and is committed as the answer starts, so that nothing is told before it
    is true and a slow client holds no connection; for the same reason a form's body is read before. A status of 400 or
    more rolls back. `slow` marks pages that may take seconds of the database's work: a process makes a few of them at a
    time, so that everybody else is served meanwhile. `poll` marks requests that a page makes by itself, as the header
    `SDES-Poll` does where the same address serves people too: neither lengthens the session. `api` marks what programs
    ask: an API key is who they are, and no cookie is looked at, so that no browser can be made to send such a request
    with its person's rights.
    """

    def __init__(self, app: ASGIApp, settings: Settings, slow: asyncio.Semaphore) -> None:
        self.app = app
        self.settings = settings
        self._slow = slow  # one for all routes, each of which has an entrance of its own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        opt = scope["route_handler"].opt
        state = scope["state"]
        state.setdefault("request_id", uuid4().hex[:12])
        state["visit"] = Visit(Actor.nobody())
        if opt.get("transaction") == "none":
            await self.app(scope, receive, send)
            return
        pool.refuse_if_crowded()
        if opt.get("api"):
            await self._serve_program(scope, receive, send)
            return
        request = AnyRequest(scope)
        cookies = request.cookies
        is_poll = opt.get("poll") or request.headers.get("SDES-Poll") == "1"
        token = cookies.get(self.settings.cookie, "")
        form_cookie = cookies.get(self.settings.form_cookie, "")
        state["form_cookie"] = form_cookie or new_token()
        if not form_cookie:
            send = _setting_cookie(form_cookie_header(state["form_cookie"], self.settings), send)
        if request.method in csrf.UNSAFE and opt.get("transaction") != "own":
            receive = await whole_body(AnyRequest(scope, receive))
        if opt.get("slow"):
            async with _turn(self._slow) as leave:
                await self._serve(scope, receive, _after(leave, send), token, is_poll=is_poll)
        else:
            await self._serve(scope, receive, send, token, is_poll=is_poll)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, token: str, *, is_poll: bool) -> None:
        opt, state = scope["route_handler"].opt, scope["state"]
        unit, reading = db.Unit(), db.Reading()
        if opt.get("transaction") == "reads":
            await reading.begin()
            send = _after(reading.end, send)  # a slow client holds no connection
        elif opt.get("transaction") != "own":
            await unit.begin()
        try:
            state["visit"] = await enter(
                token, self.settings.session_idle, is_visit=not is_poll, request_id=state["request_id"]
            )
            reading.see(state["visit"].actor.company_id)
            await self.app(scope, receive, _committing(scope, unit, send))
        finally:
            if unit.is_open:
                await unit.rollback()
            await reading.end()

    async def _serve_program(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, state = AnyRequest(scope), scope["state"]
        async with db.transaction():  # of its own: a request counts whatever becomes of it
            actor = await enter_by_key(_bearer(request), state["request_id"])
        state["visit"] = Visit(actor)
        state["form_is_ours"] = True  # there is no form: what the key was sent with is what its holder wants
        if request.method in csrf.UNSAFE and actor.company_id:
            receive = await whole_body(AnyRequest(scope, receive), BODY_OF_PROGRAMS)
        unit = db.Unit()
        await unit.begin()
        try:
            await act_for(actor.company_id)
            await self.app(scope, receive, _committing(scope, unit, send))
        finally:
            if unit.is_open:
                await unit.rollback()


def _bearer(request: AnyRequest) -> str:
    """The key that a program sends, empty where it sends none."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""


def _committing(scope: Scope, unit: db.Unit, send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            keeps = message["status"] < 400 and not scope["state"].get("is_refused")
            if keeps:
                _insist_on_verified_form(scope)
            if unit.is_open:
                await (unit.commit() if keeps else unit.rollback())
        await send(message)

    return wrapped


def _after(deed: Callable[[], Awaitable[None]], send: Send) -> Send:
    """What is sent is sent after `deed`, which may be done several times."""

    async def wrapped(message: Message) -> None:
        await deed()
        await send(message)

    return wrapped


@asynccontextmanager
async def _turn(few: asyncio.Semaphore) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Waits for one's turn; what is given leaves it to the next before the block ends. Refuses (`Unavailable`) whoever
    waits too long."""
    try:
        await asyncio.wait_for(few.acquire(), pool.PATIENCE)
    except TimeoutError as cause:
        raise Unavailable(pool.VERY_BUSY) from cause
    has_left = False

    async def leave() -> None:
        nonlocal has_left
        if not has_left:
            has_left = True
            few.release()

    try:
        yield leave
    finally:
        await leave()


def _insist_on_verified_form(scope: Scope) -> None:
    """No change is kept whose form nobody checked: closed by default, whatever a handler forgot."""
    if scope.get("method") in csrf.UNSAFE and not scope["state"].get("form_is_ours"):
        raise RuntimeError("a handler changed something without reading its form through kit.forms.read_form")


def _setting_cookie(header: str, send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"set-cookie", header.encode())]
        await send(message)

    return wrapped


def visit_of(request: AnyRequest) -> Visit:
    visit: Visit = request.scope["state"]["visit"]
    return visit


def actor_of(request: AnyRequest) -> Actor:
    """Who asks."""
    return visit_of(request).actor


def address_of(request: AnyRequest) -> str:
    """The network address that the request comes from; empty where the server does not know."""
    return request.client.host if request.client else ""


def cookie_of(request: AnyRequest, *, of_nobody: bool = False) -> str:
    """What the tokens of this browser's forms are derived from: its form cookie and who is signed in.

    Both outlive a session: a page left open can still be sent after its reader has signed in again, and by nobody else.
    The sign-in form is `of_nobody`, whoever may have signed in beside it.
    """
    visit = visit_of(request)
    person = None if of_nobody else (visit.expired or visit.actor).person_id
    return f"{request.scope['state'].get('form_cookie', '')}.{person or ''}"


@asynccontextmanager
async def acting(actor: Actor) -> AsyncIterator[None]:
    """A transaction of the actor's company, for routes that state `transaction: own`."""
    async with db.transaction():
        await act_for(actor.company_id)
        yield
