"""One connection to the service: sends what is asked, tells whole answers; as light as it can be made in Python."""

import asyncio
import socket
from typing import Any, Protocol

_BIND_ADDRESS_NO_PORT = 24  # IP_BIND_ADDRESS_NO_PORT: many addresses of this machine, each with all its ports


class Listener(Protocol):
    """Whose connection it is."""

    def answered(self, status: int, head: bytes, body: bytes) -> None: ...
    def parted(self, line: "Line") -> None: ...


class Line(asyncio.Protocol):
    """Speaks HTTP/1.1; one answer at a time. `begun` is whether anything of the awaited answer has come."""

    __slots__ = ("_body", "_head", "_left", "_listener", "_status", "_transport", "begun", "is_open")

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._transport: Any = None
        self._head = b""
        self._body: list[bytes] = []
        self._left = -1  # bytes of the body still to come; -1 while the head has not
        self._status = 0
        self.begun = False
        self.is_open = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.is_open = True

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        self._listener.parted(self)

    def ask(self, request: bytes) -> None:
        self.begun = False
        self._transport.write(request)

    def close(self) -> None:
        self.is_open = False
        if self._transport:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self.begun = True
        if self._left < 0:
            if self._head:
                data = self._head + data
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._head = data
                return
            self._head = head = data[: end + 2]
            self._status = int(head[9:12])
            data = data[end + 4 :]
            self._left = _length(head, self._status)
        self._body.append(data)
        self._left -= len(data)
        if self._left <= 0:
            status, head, body = self._status, self._head, b"".join(self._body)
            self._head, self._left, self._body = b"", -1, []
            if b"\r\nconnection: close" in head.lower():
                self.is_open = False
            self._listener.answered(status, head, body)


def _length(head: bytes, status: int) -> int:
    head = head.lower()
    start = head.find(b"\r\ncontent-length: ")
    if start < 0:
        if status in (204, 304):
            return 0
        raise ValueError(f"an answer without a length: {head!r}")
    return int(head[start + 18 : head.index(b"\r", start + 18)])


async def connected(listener: Listener, port: int, number: int) -> Line:
    """A connection from one of 127.0.0.2 to .65: sixteen thousand need the ports of more than one address."""
    made = socket.socket()
    made.setblocking(False)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.setsockopt(socket.IPPROTO_IP, _BIND_ADDRESS_NO_PORT, 1)
    loop = asyncio.get_running_loop()
    try:
        made.bind((f"127.0.0.{2 + number % 64}", 0))
        await loop.sock_connect(made, ("127.0.0.1", port))
    except BaseException:
        made.close()
        raise
    _, line = await loop.create_connection(lambda: Line(listener), sock=made)
    return line
