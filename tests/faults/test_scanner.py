"""A scanner that is away, says nothing, half a word or nonsense: files wait, none passes, the status page says so."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle

import pytest

from tests.faults.house import House
from tests.faults.numbered import Numbered

pytestmark = [pytest.mark.drill, pytest.mark.spec("SD 8.4(a)")]

NONSENSE = (b"", b"stream: O", b"stream: OK", b"\x00\xff\xfe PONG\n", b"stream: OK\nstream: OK\n", b"stream: " * 9000)


@pytest.mark.parametrize("says", [(), NONSENSE], ids=["away", "nonsense"])
def test_it_does_not_answer_as_it_should(broken: House, numbered: Numbered, says: tuple[bytes, ...]) -> None:
    one = numbered.one(files=(300, 400, 500, 600))
    broken.clamd.stop()
    try:
        with answering(broken, says):
            numbered.send(one)
            tried = "SELECT count(*) FROM attachment WHERE name LIKE %s AND attempts > 0"
            broken.until(lambda: broken.count(tried, f"%-of-{one.id}.txt") == 4, "each file was tried")
            broken.until(lambda: "Not answering" in broken.status("Virus scanner"), "the status page says so")
            assert broken.states(one.reference) == ["pending"] * 4
            names = [row["name"] for row in broken.rows("SELECT name FROM attachment WHERE state = 'pending'")]
            assert {f"part-{part}-of-{one.id}.txt" for part in range(1, 5)} <= set(names)
    finally:
        broken.clamd.start()
    broken.until(lambda: "Not answering" not in broken.status("Virus scanner"), "the status page says that it is back")


@contextmanager
def answering(house: House, says: tuple[bytes, ...]) -> Iterator[None]:
    """Inside the block something listens where clamd should, and says these by turns, whatever it is asked."""
    if not says:
        yield
        return
    house.clamd.socket.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(house.clamd.socket))
    server.listen()

    def serve() -> None:
        with suppress(OSError):
            for answer in cycle(says):
                line, _ = server.accept()
                with line, suppress(OSError):
                    line.recv(1 << 16)
                    line.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        house.clamd.socket.unlink(missing_ok=True)
