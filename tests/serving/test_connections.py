"""Nobody holds a connection without asking for anything, and not more of them than there is room for."""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from sdes.serving import connections
from sdes.serving.connections import Connection
from tests.browser.sites import until
from tests.serving.serving import Pair, Web

pytestmark = pytest.mark.anyio

SHORT = 0.3  # seconds, in place of 20
FILES = 160
LONG = 10.0  # until a test gives up
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
FORM = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"


async def reads(scope: Any, receive: Any, send: Any, pause: float = 0) -> None:
    """An application that reads the whole body, after so many seconds, and tells it."""
    await asyncio.sleep(pause)
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", SHORT)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with served() as number:
        yield number


@asynccontextmanager
async def served(keep_alive: float = 0.2, pause: float = 0, app: Any = None) -> AsyncIterator[int]:
    """`reads`, or another application, behind connections of ours, at the port that it gives."""
    app = app or partial(reads, pause=pause)
    config = uvicorn.Config(app, interface="asgi3", http=Connection, lifespan="off", ws="none", log_config=None)
    config.timeout_keep_alive = keep_alive  # type: ignore[assignment]
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(config, state, {}), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
    assert not state.connections, "nobody is left"


async def ended(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the other side closes."""
    with suppress(ConnectionResetError):
        return await asyncio.wait_for(reader.read(), LONG)
    return b""


@pytest.mark.parametrize("begun", [b"", b"G", WHOLE[:-2], FORM[:-2]])
async def test_whoever_does_not_ask_is_closed(port: int, begun: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begun)
    assert await ended(reader) == b""
    writer.close()


async def test_a_header_that_comes_byte_by_byte_is_not_waited_for_longer(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    end = asyncio.create_task(ended(reader))
    for byte in b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * 200:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.05)
        if end.done():
            break
    else:
        pytest.fail("it was still waited for")
    writer.close()


@pytest.mark.parametrize(
    "begun",
    [
        b"GET / HTTP/1.1\r\nX: ",
        b"GET /",
        FORM.replace(b"Content-Length: 4", b"Transfer-Encoding: chunked") + b"0\r\nX: ",
    ],
    ids=["header", "address", "trailer"],
)
async def test_a_header_without_an_end_is_refused_and_not_kept(port: int, begun: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begun)
    end, sent = asyncio.create_task(ended(reader)), 0
    while not end.done() and sent < 20 * connections.MOST_HEADER:
        writer.write(b"x" * 8192)
        sent += 8192
        await asyncio.sleep(0.01)
    assert end.done(), "it was still read"
    assert end.result().startswith(b"HTTP/1.1 431"), end.result()
    writer.close()


async def test_a_long_body_is_no_header(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(FORM.replace(b"Length: 4", b"Length: %d" % (3 * connections.MOST_HEADER)))
    for _ in range(3):
        writer.write(b"x" * connections.MOST_HEADER)
        await asyncio.sleep(0.02)
    assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LONG)).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_nor_the_next_after_an_answer(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(WHOLE)
    assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LONG)).startswith(b"HTTP/1.1 200")
    writer.write(b"GET /")  # and never the rest
    assert await ended(reader) == b""
    writer.close()


async def test_what_is_sent_after_a_header_may_take_its_time(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(FORM)
    for byte in b"slow":
        await asyncio.sleep(SHORT)
        writer.write(bytes([byte]))
    assert (await ended(reader)).endswith(b"\r\n\r\nslow")
    writer.close()


async def test_whoever_asks_again_in_time_is_kept() -> None:
    async with served(keep_alive=LONG) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(WHOLE)
            assert await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LONG)
            await asyncio.sleep(2 * SHORT)
        writer.close()
        await asyncio.sleep(SHORT)


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def small(tmp_path: Path, pair: Pair, request: pytest.FixtureRequest) -> Iterator[Web]:
    """A server that may open FILES: half of them for connections and what it has open anyhow."""
    with Web(tmp_path, *(pair.options if request.param else []), files=FILES) as web:
        yield web


def test_one_too_many_is_closed_at_once_and_the_others_stay(small: Web, pair: Pair) -> None:
    trust = pair.context() if small.is_tls else None
    first = small.connection(trust)
    first.request("GET", "/")
    assert first.getresponse().read()
    held = [socket.create_connection(("127.0.0.1", small.port), 5) for _ in range(20)]
    assert answers(small, trust), "there is room for these"
    more = [socket.create_connection(("127.0.0.1", small.port), 5) for _ in range(FILES)]
    try:
        assert is_closed(more[-1], 5), "it is one too many"
        until(lambda: open_files(small) <= FILES // 2, "the other half is left to ourselves", 5)
        assert not any(is_closed(one, 0.01) for one in held)
        first.request("GET", "/")
        assert first.getresponse().status == 200
        assert small.log.count("new connections are closed") == 1
    finally:
        for one in [first, *held, *more]:
            one.close()
    until(lambda: answers(small, trust), "there is room again", 10)
    assert "Traceback" not in small.log


def open_files(web: Web) -> int:
    return len(os.listdir(f"/proc/{web.pid}/fd"))


def is_closed(one: socket.socket, seconds: float) -> bool:
    """Whether the other side closes it within so long."""
    one.settimeout(seconds)
    try:
        return one.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


def answers(web: Web, trust: ssl.SSLContext | None) -> bool:
    try:
        return bool(web.ask(trust=trust))
    except OSError:
        return False
