"""The cast as browsers: each client is somebody signed in (or nobody), who knows how to fill a form."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
from litestar import Litestar

from sdes.accounts.sessions import enter, new_token, token_hash
from sdes.accounts.tables import Session
from sdes.actor import Actor
from sdes.kit import clock, csrf, db, kept
from sdes.settings import Settings
from tests.support.world import answering

HTMX = {"HX-Request": "true"}
PASSWORD = "four lively words together"  # of everybody in the cast


_people: dict[str, int] = {}  # who signed in under which token


class Browser:
    """A browser at the application, without a network between. Cookies last, redirects are not followed."""

    def __init__(self, app: Litestar, settings: Settings, token: str = "") -> None:
        self.settings = settings
        self.token = token
        cookies = {settings.form_cookie: "a-form-cookie", **({settings.cookie: token} if token else {})}
        self.client = httpx.AsyncClient(
            transport=_Transport(app), base_url="http://sdes.example", cookies=cookies, follow_redirects=False
        )

    @property
    def csrf_token(self) -> str:
        """The token that this browser's forms carry."""
        person = _people.get(self._session_token(), "")
        return csrf.token_for(f"{self.client.cookies[self.settings.form_cookie]}.{person}")

    async def knows_who_signed_in(self, email: str) -> None:
        """Has its forms carry that person's token from now on, as the pages they would come from do."""
        rows = await db.fetch("SELECT id FROM person WHERE email_key = $1", email.lower())
        if rows:
            _people[self._session_token()] = rows[0]["id"]

    def is_also(self, other: "Browser") -> None:
        """The same, where the database tells nobody whose an address is: it is who `other` was from the beginning."""
        _people[self._session_token()] = _people[other.token]

    def _session_token(self) -> str:
        """The session's token that was set last; a jar may hold one that a test has put there as well."""
        return next(
            (c.value or "" for c in reversed(list(self.client.cookies.jar)) if c.name == self.settings.cookie), ""
        )

    async def get(self, path: str, **words: Any) -> httpx.Response:
        kept.forget_everything()  # what a test has changed behind the application's back is true at once
        return await self.client.get(path, **words)

    async def post(self, path: str, data: dict[str, Any] | None = None, **words: Any) -> httpx.Response:
        """Posts a form with its token (`csrf_token=None` in `data` leaves it out); `files` as httpx takes them."""
        fields = {"csrf_token": self.csrf_token, **(data or {})}
        fields = {name: value for name, value in fields.items() if value is not None}
        return await self.client.post(path, data=fields, **words)

    async def actor(self) -> Actor:
        """Who this browser is, as the application would know them now; leaves their company set."""
        visit = await enter(self.token, timedelta(days=1), is_visit=False, request_id="test")
        return visit.actor


SignIn = Callable[[str], Awaitable[Browser]]


class _Transport(httpx.ASGITransport):
    def __init__(self, app: Litestar) -> None:
        super().__init__(app=app, raise_app_exceptions=False, client=("192.0.2.7", 50000))  # type: ignore[arg-type]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        token = answering.set(True)
        try:
            return await super().handle_async_request(request)
        finally:
            answering.reset(token)


async def session_for(email: str, settings: Settings) -> str:
    """A session of that person's, as if they had just signed in; gives its token."""
    rows = await db.fetch("SELECT id, company FROM person WHERE email_key = $1", email)
    token, now = new_token(), clock.now()
    await Session.insert(
        Session(
            company=rows[0]["company"],
            person=rows[0]["id"],
            token_hash=token_hash(token),
            created_at=now,
            last_seen_at=now,
            expires_at=now + settings.session_absolute,
            address="192.0.2.7",
            browser="a test",
        )
    )
    _people[token] = rows[0]["id"]
    return token


def hidden(html: str, name: str) -> str:
    """The value of the first hidden field `name` in a page."""
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', html)
    assert found, f"the page has no hidden field {name}"
    return found[1]
