"""What a connection says to a request that it reads no further, before it closes."""

from typing import Any

from sdes.answers import HEADERS


def _answer(status: bytes, words: bytes) -> bytes:
    return (
        b"HTTP/1.1 %b\r\ncontent-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n"
        b"cache-control: no-store\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b" % (status, len(words), words)
    )


TOO_SLOW = _answer(
    b"408 Request Timeout",
    b"The request came too slowly and was not read to its end. Nothing was saved. Send it again.\n",
)
TOO_LONG = _answer(
    b"431 Request Header Fields Too Large",
    b"The address or the headers of the request are too long to be read. Nothing was saved. Shorten them.\n",
)


async def say(send: Any, status: int, words: str, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    """As an ASGI application: answers so, and closes."""
    body = words.encode() + b"\n"
    length = (b"content-length", str(len(body)).encode())
    kind = (b"content-type", b"text/plain; charset=utf-8")
    closing = (b"connection", b"close")  # a body that nobody reads may follow
    kept = (b"cache-control", b"no-store")
    told = [kind, length, closing, kept, *HEADERS.items(), *(headers or [])]
    start = {"type": "http.response.start", "status": status, "headers": told}
    await send(start)
    await send({"type": "http.response.body", "body": body})
