"""A web application that is told to end answers whoever has come, and only then closes."""

import json
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from tests.browser.sites import until
from tests.serving.serving import Web

pytestmark = pytest.mark.drill

WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def test_what_is_under_way_is_answered_whole(tmp_path: Path) -> None:
    with Web(tmp_path) as web:
        connection = web.connection()
        connection.request("GET", "/slow?1.5")
        time.sleep(0.3)  # it has been read
        web.send(signal.SIGTERM)
        answer = connection.getresponse()
        assert answer.getheader("Connection") == "close"
        assert json.loads(answer.read())["path"] == "/slow"
        until(web.has_ended, "it has ended", 10)


def test_a_connection_kept_open_brings_one_more(tmp_path: Path) -> None:
    with Web(tmp_path) as web:
        connection = web.connection()
        connection.request("GET", "/")
        first = connection.getresponse()
        first.read()
        assert first.getheader("Connection") is None
        web.send(signal.SIGTERM)
        until(lambda: refuses(web), "nobody new is let in", 10)
        connection.request("GET", "/")
        last = connection.getresponse()
        assert (last.status, last.getheader("Connection")) == (200, "close")
        until(web.has_ended, "it has ended", 10)


def test_whoever_waits_at_the_door_is_let_in(tmp_path: Path) -> None:
    with Web(tmp_path) as web:
        web.send(signal.SIGSTOP)
        waiting = [socket.create_connection(("127.0.0.1", web.port), 10) for _ in range(20)]
        for one in waiting[:10]:
            one.sendall(WHOLE)
        web.send(signal.SIGTERM)
        web.send(signal.SIGCONT)
        until(lambda: refuses(web), "nobody new is let in", 10)
        for one in waiting[10:]:
            one.sendall(WHOLE)  # has connected, and says what it wants only now
        for one in waiting:
            assert one.recv(4096).startswith(b"HTTP/1.1 200"), "the kernel has reset it"
            one.close()


def test_what_takes_longer_than_the_grace_is_cut_off(tmp_path: Path) -> None:
    with Web(tmp_path, SDES_GRACE="1") as web:
        connection = web.connection()
        connection.request("GET", "/slow?60")
        time.sleep(0.3)
        began = time.monotonic()
        web.send(signal.SIGTERM)
        assert connection.getresponse().status == 500
        until(web.has_ended, "it has ended", 20)
        assert time.monotonic() - began < 20, "and does not wait for it"


@pytest.mark.parametrize("processes", ["1", "2"])
def test_under_load_each_request_is_answered_or_refused_before_it_is_sent(tmp_path: Path, processes: str) -> None:
    lost: list[str] = []
    answered: list[int] = []

    def ask_on_and_on() -> None:
        while True:
            try:
                one = socket.create_connection(("127.0.0.1", web.port), 10)
            except OSError:
                return  # a proxy goes on to another machine, and nothing was sent
            try:
                with one:
                    one.sendall(WHOLE)
                    if one.recv(4096).startswith(b"HTTP/1.1 200"):
                        answered.append(1)
                    else:
                        lost.append("closed without an answer")
            except OSError as failure:
                lost.append(str(failure))

    with Web(tmp_path, "--processes", processes) as web:
        askers = [threading.Thread(target=ask_on_and_on) for _ in range(8)]
        for asker in askers:
            asker.start()
        until(lambda: len(answered) > 200, "they ask", 30)
        web.send(signal.SIGTERM)
        for asker in askers:
            asker.join(30)
        until(web.has_ended, "it has ended", 20)
    assert not lost, (len(answered), lost)


def refuses(web: Web) -> bool:
    """Whether nobody listens any more."""
    try:
        socket.create_connection(("127.0.0.1", web.port), 5).close()
    except ConnectionRefusedError:
        return True
    return False
