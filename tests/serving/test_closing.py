"""A door that closes lets in who is just coming, and nobody else; who waits there is answered whatever happens."""

import ctypes
import errno
import os
import select
import signal
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from sdes.serving import closing
from tests.browser.sites import until
from tests.serving.serving import Web

WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def door() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_whoever_is_in_the_middle_of_connecting_comes_in_and_nobody_new_does(door: socket.socket) -> None:
    with socket.socket() as slow, socket.socket() as late:
        deaf(slow)
        knock(slow, door)
        closing.let_nobody_new_in(door)
        slow.setsockopt(socket.SOL_SOCKET, closing._DETACH_FILTER, 0)
        knock(late, door)
        _, connected, _ = select.select([], [slow, late], [], 5)  # the kernel says again what has not been heard
        assert connected == [slow]
        slow.sendall(WHOLE)
        (received,) = closing.all_who_wait(door)
        with received:
            received.settimeout(5)
            assert received.recv(4096) == WHOLE
        assert closing.all_who_wait(door) == []


def test_a_door_that_is_opened_again_lets_everybody_in(door: socket.socket) -> None:
    closing.let_nobody_new_in(door)
    closing.let_everybody_in(door)
    closing.let_everybody_in(door)
    socket.create_connection(door.getsockname(), 5).close()
    assert len(closing.all_who_wait(door)) == 1


@pytest.mark.parametrize("processes", ["1", "2"])
def test_whoever_has_come_is_answered_though_it_is_told_to_end_before_it_serves(tmp_path: Path, processes: str) -> None:
    web = Web(tmp_path, "--processes", processes)
    web.child.start()
    try:
        until(lambda: is_open(web) or not web.child.is_running(), "its door is open", 20)
        whoever_comes_is_answered_at_the_end(web, 6)
    finally:
        web.child.stop()


@pytest.mark.drill
def test_whoever_waits_for_one_that_is_away_is_answered_by_another(tmp_path: Path) -> None:
    with Web(tmp_path, "--processes", "2") as web:
        until(lambda: len({web.ask()["pid"] for _ in range(12)}) == 2, "both serve", 30)
        os.kill(web.ask()["pid"], signal.SIGKILL)
        whoever_comes_is_answered_at_the_end(web, 24)


def whoever_comes_is_answered_at_the_end(web: Web, number: int) -> None:
    """So many come and ask, then it is told to end."""
    waiting = [socket.create_connection(("127.0.0.1", web.port), 30) for _ in range(number)]
    for one in waiting:
        one.sendall(WHOLE)
    web.send(signal.SIGTERM)
    for one in waiting:
        with one:
            assert one.recv(4096).startswith(b"HTTP/1.1 200")
    until(web.has_ended, "it has ended", 20)


def deaf(one: socket.socket) -> None:
    """It hears nothing that comes from the other side."""
    held = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
    one.setsockopt(socket.SOL_SOCKET, closing._ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(held)))


def knock(one: socket.socket, door: socket.socket) -> None:
    one.setblocking(False)
    assert one.connect_ex(door.getsockname()) == errno.EINPROGRESS


def is_open(web: Web) -> bool:
    try:
        socket.create_connection(("127.0.0.1", web.port), 5).close()
    except ConnectionRefusedError:
        return False
    return True
