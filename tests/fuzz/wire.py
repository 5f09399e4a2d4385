"""Requests put to a server over TLS as bytes, whatever they say, and what it answers."""

import asyncio
import ssl
from contextlib import suppress
from time import perf_counter

import h11

from tests.fuzz.asking import HOST, Answer, Knock, Visitor

PATIENCE = 20.0  # seconds until a request is given up
UNSENT = ("content-length", "transfer-encoding")  # of which the server would wait for more: rough.py has these


class Line:
    """One connection to the server at `port`, opened again whenever the server has closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, knock: Knock, visitor: Visitor) -> Answer:
        """The answer to a request; status 0 where the server closed without any."""
        begun = perf_counter()
        answer = await self.raw(_bytes(knock, visitor), knock.method, is_cut=knock.is_cut)
        answer.seconds = perf_counter() - begun
        return answer

    async def raw(self, sent: bytes, method: str = "GET", *, is_cut: bool = False) -> Answer:
        """The first answer to these bytes, which may be cut off."""
        if self._open is None:
            self._open = await opened(self.port)
        reader, writer = self._open
        heard = h11.Connection(h11.CLIENT)
        heard.send(h11.Request(method=method if method.isalpha() else "GET", target="/", headers=[("host", HOST)]))
        answer = Answer()
        with suppress(ConnectionError, h11.RemoteProtocolError):
            writer.write(sent)
            if is_cut:
                await writer.drain()
                await self.close()
                return answer
            async with asyncio.timeout(PATIENCE):
                await _read(reader, heard, answer)
        if heard.their_state is not h11.DONE or ("connection", "close") in answer.headers:
            await self.close()
        return answer

    async def close(self) -> None:
        if self._open is not None:
            _, writer = self._open
            self._open = None
            writer.transport.abort()


async def opened(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    anybody = ssl._create_unverified_context()
    return await asyncio.open_connection("127.0.0.1", port, ssl=anybody)


async def everything(port: int, sent: bytes) -> bytes:
    """All that the server says to these bytes until it closes, or has been silent for a second."""
    reader, writer = await opened(port)
    heard = b""
    with suppress(ConnectionError, TimeoutError, ssl.SSLError):
        writer.write(sent)
        while piece := await asyncio.wait_for(reader.read(1 << 16), 1):
            heard += piece
    writer.transport.abort()
    return heard


async def _read(reader: asyncio.StreamReader, heard: h11.Connection, answer: Answer) -> None:
    while True:
        event = heard.next_event()
        if event is h11.NEED_DATA:
            heard.receive_data(await reader.read(1 << 16))
        elif isinstance(event, h11.Response):
            answer.status = event.status_code
            answer.headers = [(name.decode().lower(), value.decode("latin-1")) for name, value in event.headers]
        elif isinstance(event, h11.Data):
            answer.body += bytes(event.data)
        elif not isinstance(event, h11.InformationalResponse):
            return


def _bytes(knock: Knock, visitor: Visitor) -> bytes:
    headers = [("Host", HOST), *visitor.headers, *(pair for pair in knock.headers if pair[0] not in UNSENT)]
    if knock.body or knock.method not in ("GET", "HEAD"):
        headers.append(("Content-Length", str(len(knock.body))))
    lines = [f"{knock.method} {knock.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    body = knock.body[: len(knock.body) // 2] if knock.is_cut else knock.body
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body
