"""A body that comes too slowly is answered with 408; one that comes slowly but steadily, or waits for us, is read."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from sdes.serving import pace
from tests.serving.test_connections import FORM, LONG, ended, served

pytestmark = pytest.mark.anyio

SHORT = 0.4  # seconds, in place of 30
FEW = 40  # bytes, in place of 30,000
LONG_FORM = FORM.replace(b"Length: 4", b"Length: 400")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SECONDS", SHORT)
    monkeypatch.setattr(pace, "BYTES", FEW)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with served() as number:
        yield number


@pytest.mark.parametrize("head", [LONG_FORM, LONG_FORM.replace(b"Content-Length: 400", b"Transfer-Encoding: chunked")])
async def test_whoever_drips_is_told_so_and_closed(port: int, head: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    end = asyncio.create_task(ended(reader))
    for _ in range(40):
        writer.write(b"1\r\nx\r\n" if b"chunked" in head else b"x")
        await asyncio.sleep(0.1)
        if end.done():
            break
    assert end.done(), "it was still waited for"
    answer = end.result()
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"connection: close" in answer
    assert answer.endswith(b"Send it again.\n")
    writer.close()


async def test_nor_is_waited_for_whoever_sends_nothing_more(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(LONG_FORM)
    assert (await ended(reader)).startswith(b"HTTP/1.1 408")
    writer.close()


async def test_a_slow_line_is_waited_for_as_long_as_it_takes(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(LONG_FORM)
    for _ in range(20):
        writer.write(b"x" * 20)
        await asyncio.sleep(0.1)
    assert (await ended(reader)).endswith(b"x" * 400)
    writer.close()


async def test_a_short_form_needs_no_pace_if_it_comes_whole(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(FORM)
        await asyncio.sleep(SHORT / 4)
        writer.write(b"slow")
        assert (await asyncio.wait_for(reader.readuntil(b"slow"), LONG)).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(SHORT / 4)
    writer.close()


async def test_whoever_waits_because_we_do_not_read_is_not_to_blame() -> None:
    size = 4_000_000  # more than the kernel and we hold
    async with served(pause=3 * SHORT, keep_alive=LONG) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(FORM.replace(b"Length: 4", b"Length: %d" % size) + b"x" * size)
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LONG)).startswith(b"HTTP/1.1 200")
        writer.close()
        await asyncio.sleep(SHORT)


async def test_nor_whoever_waits_to_be_told_to_go_on() -> None:
    async with served(pause=3 * SHORT) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(FORM.replace(b"Host", b"Expect: 100-continue\r\nHost"))
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LONG)).startswith(b"HTTP/1.1 100")
        writer.write(b"slow")
        assert (await ended(reader)).endswith(b"slow")
        writer.close()
