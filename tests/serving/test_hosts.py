"""A request is for one host: one that names it twice is refused, whoever may have read the other of them."""

import socket
from collections.abc import Iterator

import pytest

from tests.serving.serving import Web

PAGE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
FORM = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody"
SLOW = b"GET /slow?0.5 HTTP/1.1\r\nHost: localhost\r\n\r\n"
SECONDS = 10.0


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with Web(tmp_path_factory.mktemp("hosts")) as web:
        yield web


@pytest.mark.parametrize("sent", [PAGE, FORM], ids=["page", "form"])
@pytest.mark.parametrize("other", [b"Host: localhost", b"HOST: evil.example", b"host:"])
def test_a_host_that_is_named_twice_is_refused(web: Web, sent: bytes, other: bytes) -> None:
    (answer,) = answers(web, twice(sent, other) + PAGE)
    assert answer.startswith(b"HTTP/1.1 400"), "and what follows is not read"
    assert b"more than once" in answer


def test_what_is_under_way_before_it_is_answered(web: Web) -> None:
    first, second = answers(web, SLOW + twice(PAGE))
    assert (first[:12], second[:12]) == (b"HTTP/1.1 200", b"HTTP/1.1 400")


def twice(sent: bytes, other: bytes = b"Host: localhost") -> bytes:
    return sent.replace(b"Host: localhost", b"Host: localhost\r\n" + other)


def answers(web: Web, sent: bytes) -> list[bytes]:
    """All answers until the server closes."""
    told = b""
    with socket.create_connection(("127.0.0.1", web.port), SECONDS) as connection:
        connection.sendall(sent)
        while piece := connection.recv(65536):
            told += piece
    return [b"HTTP/1.1" + answer for answer in told.split(b"HTTP/1.1")[1:]]
