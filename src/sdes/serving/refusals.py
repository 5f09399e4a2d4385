"""What a connection says to a request that it reads no further, before it closes."""


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
TWO_HOSTS = _answer(
    b"400 Bad Request",
    b"The request names the host that it is for more than once. Nothing was done.\n",
)
