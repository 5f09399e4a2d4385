"""Requests that no browser makes: heads that are none, lengths that lie, and one request hidden in another."""

import gzip
import zlib

from tests.fuzz.asking import HOST

HIDDEN = b"GET /hidden-in-another HTTP/1.1\r\nHost: sdes.example\r\n\r\n"
_HOST = f"Host: {HOST}\r\n".encode()
_FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
_PARTS = b"Content-Type: multipart/form-data; boundary=zq\r\n"


def get(target: bytes = b"/sign-in", *lines: bytes, version: bytes = b"HTTP/1.1", method: bytes = b"GET") -> bytes:
    return b"%b %b %b\r\n%b" % (method, target, version, _HOST) + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def post(body: bytes, *lines: bytes, kind: bytes = _FORM, length: bytes | None = None) -> bytes:
    """`length` replaces the line that says how long the body is."""
    said = b"Content-Length: %d\r\n" % len(body) if length is None else length
    return (
        b"POST /sign-in HTTP/1.1\r\n"
        + _HOST
        + kind
        + said
        + b"".join(line + b"\r\n" for line in lines)
        + b"\r\n"
        + body
    )


def heads(cookie: bytes) -> list[bytes]:
    """Heads of every odd kind; the server answers once, or closes."""
    own = b"/sdep/communications"
    targets = (
        *(b"*", b"sign-in", b"http://192.0.2.66/sign-in", b"https://sdes.example/sign-in", b"//192.0.2.66/", b"/%00"),
        *(b"/\xff\xfe", b"/a b", b"/sign-in#x", b"/\x00", b"/" + b"a" * 100_000, b"/?" + b"a=1&" * 20_000, b"/%zz"),
        *(b"/..%2f..%2fetc/passwd", b"/%c0%ae%c0%ae/", b"/sign-in\tx", b"/;jsessionid=1", b"192.0.2.66:443", b"?"),
        own + b"?q=%ff%00%0d%0aSet-Cookie:zq=1",
    )
    lines = (
        *(b"X" * 100_000 + b": y", b"X: " + b"y" * 100_000, b"\x00: y", b"X: \x00", b"X : y", b": y", b"X", b" X: y"),
        *(b"X: a\r\n folded", b"X: \xff\xfe", b"Host: 192.0.2.66", b"Host:", b"Connection: close, close"),
        *(b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: zq==\r\nSec-WebSocket-Version: 13",),
        *(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: zq", b"Expect: 100-continue"),
        *(b"Expect: zq", b"Cookie: " + b"a=b; " * 10_000, cookie + b"\r\nCookie: a=b", b"Content-Length: -1"),
        *(
            b"Content-Length: 1e3",
            b"Content-Length: 0x1",
            b"Content-Length: ",
            b"Content-Length: 0, 0",
            b"TE: trailers",
        ),
        *(b"\r\n".join(b"X-%d: y" % n for n in range(3000)), b"\r\n".join([b"Accept: */*"] * 500), b"X: y\nZ: w"),
        *(b"Proxy: http://192.0.2.66", b"X-Forwarded-For: 192.0.2.66\r\nX-Forwarded-Proto: http", b"Range: bytes=0-"),
    )
    begun = (
        *(
            b"\r\n" * 50,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\x00" * 300,
        ),
        *(b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1 zq\r\n\r\n", b"\xff\xfe" * 200),
        *(
            b"GET  /sign-in  HTTP/1.1\r\n\r\n",
            b"get /sign-in HTTP/1.1\r\n" + _HOST + b"\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
        ),
        *(
            b"GET / HTTP/1.1\n" + b"Host: x\n\n",
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"A" * 200_000,
            b"SSTP_DUPLEX_POST / HTTP/1.1\r\n",
        ),
    )
    versions = (b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"http/1.1", b"HTTP/1.10", b"HTTP/ 1.1")
    methods = (b"CONNECT", b"TRACE", b"PROPFIND", b"PRI", b"ZQ", b"OPTIONS", b"G\x00T", b"HEAD")
    return [
        *(get(target) for target in targets),
        *(get(own, line) for line in lines),
        *(get(own, version=version) for version in versions),
        *(get(b"/sign-in", method=method) for method in methods),
        get(b"sdes.example:443", method=b"CONNECT"),
        get(b"*", method=b"OPTIONS"),
        *begun,
    ]


def bodies() -> list[bytes]:
    """Bodies that are long, deep, many, or no bodies; all of them come to their end."""
    field, part = b"a=1&" * 10_000, b'--zq\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\nx\r\n'
    deep = b"--zq\r\nContent-Type: multipart/mixed; boundary=zq\r\n\r\n" * 2000
    chunked = b"Transfer-Encoding: chunked\r\n"
    return [
        post(field),
        post(b"a" * 5_000_000),
        post(part * 10_000 + b"--zq--\r\n", kind=_PARTS),
        post(deep + b"--zq--\r\n", kind=_PARTS),
        post(b"--zq\r\n" + b"X: y\r\n" * 5000 + b"\r\n", kind=_PARTS),
        post(part.replace(b"a.csv", b"a" * 20_000), kind=_PARTS),
        post(part, kind=b"Content-Type: multipart/form-data\r\n"),
        post(gzip.compress(b"a" * 10_000_000), b"Content-Encoding: gzip"),
        post(zlib.compress(field), b"Content-Encoding: deflate"),
        post(b"\x00" * 1000),
        post(b"1\r\na\r\n" * 5000 + b"0\r\n\r\n", length=chunked),
        post(b"zq\r\nabc\r\n0\r\n\r\n", length=chunked),
        post(b"-1\r\nabc\r\n0\r\n\r\n", length=chunked),
        post(b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n", length=chunked),
        post(b"1;" + b"x=y" * 30_000 + b"\r\na\r\n0\r\n\r\n", length=chunked),
        post(b"3\r\nabcd\r\n0\r\n\r\n", length=chunked),
        post(b"0\r\n" + b"X-Trailer: zq\r\n" * 2000 + b"\r\n", length=chunked),
        post(b"", length=b""),
    ]


def hiding() -> list[bytes]:
    """Each carries a request within its body, or what some would take for the body: nobody may ever answer that."""
    chunked = b"0\r\n\r\n" + HIDDEN
    said = b"Content-Length: %d\r\n" % len(chunked)
    return [
        *(post(chunked, length=said + line) for line in _CHUNKED),
        *(post(chunked, length=line + said) for line in _CHUNKED[:3]),
        post(HIDDEN, length=b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(HIDDEN)),
        post(HIDDEN, length=b"Content-Length: %d\r\nContent-Length: 0\r\n" % len(HIDDEN)),
        post(HIDDEN, length=b"Content-Length: 0, %d\r\n" % len(HIDDEN)),
        post(HIDDEN, length=b"Content-Length: +%d\r\n" % len(HIDDEN)),
        post(HIDDEN),
        post(b"%x\r\n%b\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN), length=b"Transfer-Encoding: chunked\r\n"),
    ]


_CHUNKED = (
    *(
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
    ),
    *(b"Transfer-Encoding : chunked\r\n", b"Transfer-Encoding:\x0bchunked\r\n", b"Transfer-Encoding: zq\r\n"),
    *(b"X: y\r\n Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"),
    *(b"transfer-encoding: CHUNKED\r\n", b"Transfer-Encoding:\r\n chunked\r\n", b"Transfer-Encoding: chunked\r\n" * 2),
)
