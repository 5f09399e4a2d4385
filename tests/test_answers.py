"""Addresses that lead nowhere or cannot be read: a plain sentence and a way on, never the words of a library."""

from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar import Litestar, get
from litestar.params import FromQuery

from sdes.answers import NO_SENSE, exception_handlers
from sdes.kit import db as database
from sdes.kit import logs
from sdes.kit.problems import problem_of
from sdes.status import machine
from tests.support.communications import sent, told
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

LIST = "/sdep/communications"


@pytest.mark.parametrize("path", ["/nothing-here", "/sdep/drafts/zz", f"{LIST}/SC02000001/messages/zz/files"])
async def test_an_unknown_address_leads_to_the_start_page(asha: Browser, path: str) -> None:
    answer = await asha.get(path)
    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert 'href="/">Go to the start page</a>' in answer.text
    assert "Try again" not in answer.text


async def test_a_value_of_the_wrong_kind_is_told_plainly() -> None:
    @get("/")
    async def show(draft: FromQuery[UUID]) -> str:
        return str(draft)

    app = Litestar([show], exception_handlers=exception_handlers())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sdes.example") as client:
        answer = await client.get("/?draft=zz")
    assert answer.status_code == 400
    assert told(answer) == [NO_SENSE]


@pytest.mark.parametrize("query", ["folder=a&folder=b", "page=a&page=b", "sort=%00", "direction=x", "page=zz"])
async def test_a_list_leaves_out_what_makes_no_sense(asha: Browser, query: str) -> None:
    answer = await asha.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    assert "Active communications" in answer.text


@pytest.mark.parametrize("draft", ["zz", "%00", "1", "", "zz&draft=yy"])
async def test_a_draft_that_is_none_is_left_out(asha: Browser, draft: str) -> None:
    reference = await sent(asha)
    answer = await asha.get(f"{LIST}/{reference}?draft={draft}")
    assert answer.status_code == 200
    assert "Send reply" in answer.text


async def test_a_value_that_no_argument_takes_is_our_fault_and_is_not_told(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    @get("/")
    async def show() -> None:
        await database.fetch("SELECT $1::bigint", "4 Mill Lane")

    answer = await _answer(show)
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "does not answer" not in answer.text
    assert "Mill Lane" not in _told_of(caplog)
    assert "DataError" in _told_of(caplog)


async def test_a_program_is_told_so_too(db: None, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(asyncpg.DataError) as raised:
        await database.fetch("SELECT $1::bigint", "4 Mill Lane")
    assert problem_of(raised.value, "an id").status_code == 500
    assert "Mill Lane" not in _told_of(caplog)


@pytest.mark.parametrize("kind", [asyncpg.InterfaceError, asyncpg.ConnectionDoesNotExistError, OSError])
async def test_of_a_lost_database_the_kind_of_loss_is_told(
    kind: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    @get("/")
    async def show() -> None:
        raise kind("4 Mill Lane")

    answer = await _answer(show)
    assert answer.status_code == 503
    assert "The database does not answer. Nothing was saved. We go on by ourselves" in answer.text
    assert problem_of(kind("4 Mill Lane"), "an id").status_code == 503
    assert _told_of(caplog).count(f'lost the database: {kind.__name__}"') == 2


async def _answer(show: Any) -> httpx.Response:
    app = Litestar([show], exception_handlers=exception_handlers(), logging_config=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sdes.example") as client:
        return await client.get("/")


def _told_of(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(logs.JsonLines().format(record) for record in caplog.records if record.name.startswith("sdes"))


@pytest.mark.parametrize("kind", [asyncpg.DiskFullError, asyncpg.OutOfMemoryError])
async def test_a_database_that_has_no_room_is_told_to_people_and_to_programs(
    kind: type[Exception], asha: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise kind("4 Mill Lane")

    monkeypatch.setattr("sdes.status.routes.page.waiting", fail)
    answer = await asha.get("/status")
    assert answer.status_code == 503
    assert "The database has no room for anything new. Nothing was saved." in answer.text
    assert "4 Mill Lane" not in answer.text
    told = problem_of(kind("4 Mill Lane"), "an id")
    assert (told.status_code, "4 Mill Lane" in str(told.content)) == (503, False)
    monkeypatch.undo()
    assert "Nothing can be sent or changed now." in (await asha.get("/status")).text
    machine._full_at.clear()
    assert "Nothing can be sent or changed now." not in (await asha.get("/status")).text
