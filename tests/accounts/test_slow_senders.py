"""Who sends slowly, or not at all, holds nothing that others need."""

import asyncio
from typing import Any

import httpx
import pytest
from litestar import Litestar

from sdes.accounts.rate_limits import PER_ACCOUNT
from sdes.kit import db, forms
from tests.support.people import Browser
from tests.support.signing_in import signing_in

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


@pytest.mark.parametrize("path", ["/sign-out", "/sign-in", "/account/display", "/sdep/drafts/{}".format("0" * 32)])
async def test_a_form_that_never_comes_holds_no_transaction(
    app: Litestar, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body falls silent; until then no unit of work may have been begun that is still open."""
    monkeypatch.setattr(forms, "SILENCE", 0.2)
    opened: list[db.Unit] = []
    begin = db.Unit.begin

    async def watched(self: db.Unit) -> None:
        opened.append(self)
        await begin(self)

    monkeypatch.setattr(db.Unit, "begin", watched)
    while_waiting: list[bool] = []

    async def silent() -> Any:
        while_waiting.append(any(unit.is_open for unit in opened))
        await asyncio.sleep(5)

    answered: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    await app(_post(path), silent, send)
    assert while_waiting[:1] == [False], "a connection waits for the sender"
    assert answered[:1] in ([303], [400])


async def test_guesses_at_once_are_counted_before_they_are_looked_at(nobody: Browser) -> None:
    statuses = [(await signing_in(nobody, password="wrong")).status_code for _ in range(PER_ACCOUNT + 3)]
    assert statuses == [422] * PER_ACCOUNT + [429] * 3


async def test_the_present_password_is_counted_too(asha: Browser) -> None:
    form = {"current": "wrong", "password": "nine wooden spoons", "password_again": "nine wooden spoons"}
    statuses = [(await asha.post("/account/password", form)).status_code for _ in range(PER_ACCOUNT + 1)]
    assert statuses == [422] * PER_ACCOUNT + [429]


def _post(path: str) -> dict[str, Any]:
    url = httpx.URL(f"http://sdes.example{path}")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": url.path,
        "raw_path": url.raw_path,
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"100")],
        "client": ("192.0.2.7", 50000),
        "server": ("sdes.example", 80),
        "extensions": {},
    }
