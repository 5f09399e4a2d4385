"""A real server over TLS, whose answers are kept and not undone: it outlives whatever bytes come, tells nobody what is
not theirs, hides no request in another, and answers the next honest one.

`WIRE_REQUESTS` says how many requests hypothesis makes (1,000 unless it is set).
"""

import asyncio
import os
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from litestar import Litestar

from sdes.embedded.postgres import EmbeddedPostgres
from sdes.kit import db
from sdes.serving.hosts import TWICE
from sdes.settings import Settings
from tests.fuzz import rough
from tests.fuzz.asking import Answer, Knock, Visitor
from tests.fuzz.doors import doors_of
from tests.fuzz.fuzz import UNSTATED
from tests.fuzz.judging import INNARDS, faults
from tests.fuzz.making import Material, knocks
from tests.fuzz.pages import Offered
from tests.fuzz.wire import Line, everything
from tests.fuzz.world import World, made
from tests.serving.serving import Pair, Web
from tests.support.own_database import they_commit
from tests.support.people import Browser, session_for

pytestmark = [pytest.mark.anyio, pytest.mark.drill]

REQUESTS = int(os.environ.get("WIRE_REQUESTS", "1000"))
SHARES = {"otto": 5, "asha": 4, "a program of Clearvolt": 2, "nobody": 1}
PEOPLE = ("otto", "asha")
DATABASE = "sdes_wire"
AT_ONCE = 24
MOST_GROWTH = 150_000  # kB of memory that the server may have taken more at the end
UNREAD = "Invalid HTTP request received."  # said by the server itself, before the application
RESTORE = "INSERT INTO session SELECT * FROM jsonb_populate_record(NULL::session, $1::text::jsonb)"
ANSWERS = re.compile(rb"HTTP/1\.1 \d{3}")


@pytest.fixture
async def world(postgres: EmbeddedPostgres, pool: None, app: Litestar, settings: Settings) -> AsyncIterator[World]:
    """The world with its secrets, in a database where it stays."""

    async def sign_in(email: str) -> Browser:
        return Browser(app, settings, await session_for(email, settings))

    async with they_commit([], DATABASE, postgres, app, settings):
        await db.close_pool()
        await db.open_pool(postgres.url("sdes_owner", DATABASE), size=4)
        yield await made(sign_in, settings)


@pytest.fixture
def web(world: World, postgres: EmbeddedPostgres, settings: Settings, tmp_path: Path) -> Web:
    words = {
        "DATABASE_URL": postgres.url("sdes_web", DATABASE),
        "BLOB_URL": settings.blob_url,
        "SDES_PUBLIC_URL": settings.public_url,
    }
    return Web(tmp_path, *Pair(tmp_path).options, factory="sdes.app:create_app", **words)


async def test_a_real_server_outlives_whatever_comes(web: Web, app: Litestar, world: World) -> None:
    with web:
        await _honest(web, world)
        before, wrong = _memory(web), []
        wrong += await _rough(web, world)
        wrong += await _hidden(web)
        for label in SHARES:
            wrong += await _made(web, app, world, world.visitors[label])
            await _honest(web, world)
        assert not wrong, f"{len(wrong)} wrong answers:\n" + "\n".join(wrong[:30])
        assert web.child.is_running()
        assert _memory(web) - before < MOST_GROWTH
        assert "Traceback" not in web.log


async def _rough(web: Web, world: World) -> list[str]:
    wrong, otto = [], world.visitors["otto"]
    cookie = next(value for name, value in otto.headers if name == "cookie")
    odd = [*rough.heads(f"Cookie: {cookie}".encode()), *rough.bodies()]
    for some in range(0, len(odd), AT_ONCE):
        for sent, heard in await _heard(web, odd[some : some + AT_ONCE]):
            text = heard.decode("utf-8", "replace")
            status = int(text[9:12]) if text.startswith("HTTP/1.1 ") else 0
            told = world.secrets.told(text, sent.decode("utf-8", "replace"), otto)
            if status >= 500 or INNARDS.search(text) or told or text.count("HTTP/1.1 ") > 2:
                wrong.append(f"{sent[:150]!r}: {status} {told} {text[:200]!r}")
        await _honest(web, world)
    return wrong


async def _hidden(web: Web) -> list[str]:
    wrong = []
    for sent, heard in await _heard(web, rough.hiding()):
        answers = ANSWERS.findall(heard)
        if len(answers) > 1 and answers[1:] != [b"HTTP/1.1 400"]:
            wrong.append(f"{sent!r}: {answers}")
    twice = ANSWERS.findall(await everything(web.port, rough.get() + rough.get()))
    if twice != [b"HTTP/1.1 200"] * 2:
        wrong.append(f"two honest ones at once: {twice}")
    return wrong


async def _heard(web: Web, sent: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Each with all that is said to it."""
    return list(zip(sent, await asyncio.gather(*(everything(web.port, one) for one in sent)), strict=True))


async def _made(web: Web, app: Litestar, world: World, visitor: Visitor) -> list[str]:
    """What hypothesis makes, at the doors of others seldom. Where a request has ended its session, that is restored."""
    doors, sessions = doors_of(app), await db.fetch("SELECT to_jsonb(s)::text AS row FROM session s")
    is_program = any(name == "authorization" for name, _ in visitor.headers)
    own = [door for door in doors if door.is_for_programs == is_program]
    names = tuple(sorted({*UNSTATED, *(name for door in doors for name in door.asks)}))
    material = Material(world, Offered(doors), names, ("name", "email", "text"))
    many = REQUESTS * SHARES[visitor.label] // sum(SHARES.values())
    line, wrong, statuses = Line(web.port), [], Counter[int]()
    for knock in knocks(
        visitor, own * 9 + list(doors), material, REQUESTS * SHARES[visitor.label] // sum(SHARES.values())
    ):
        answer = await line.ask(knock, visitor)
        statuses[answer.status] += 1
        if visitor.label in PEOPLE and answer.header("location").startswith("/sign-in"):
            await db.fetch("DELETE FROM session")
            for session in sessions:
                await db.fetch(RESTORE, session["row"])
        if not knock.is_cut and not _is_unread(answer):
            found = faults(knock, answer, visitor, world.secrets)
            wrong += [f"{knock.method} {knock.target[:200]}: {fault}\n  {knock.as_curl(visitor)}" for fault in found]
    await line.close()
    assert statuses[200] > (many / 10 if visitor.label in PEOPLE else 0), f"{visitor.label} has seen little: {statuses}"
    return wrong


def _is_unread(answer: Answer) -> bool:
    return answer.status == 400 and answer.body.decode().strip() in (UNREAD, TWICE)


async def _honest(web: Web, world: World) -> None:
    """Nobody in particular and Nils, who has done nothing to deserve it, are answered."""
    line = Line(web.port)
    assert (await line.ask(Knock("GET", "/sign-in"), world.visitors["nobody"])).status == 200
    answer = await line.ask(Knock("GET", "/sdep/communications"), world.visitors["nils"])
    assert answer.status == 200
    assert answer.seconds < 2
    await line.close()


def _memory(web: Web) -> int:
    """What the server holds, in kB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{web.pid}/status").read_text())
    assert found
    return int(found[1])
