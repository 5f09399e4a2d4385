"""A line to a server that can be made to hang, or to trickle: what is on its way arrives when it is let go on."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Line:
    """Listens at `port` and hands everything on to the server at another port of this machine, unless it hangs."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._flows = threading.Event()
        self._flows.set()
        self._rate = 0
        self._door = socket.socket()
        self._door.bind(("127.0.0.1", 0))
        self._door.listen(64)
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._welcome, daemon=True).start()

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Inside the block nothing gets through, and no connection is refused."""
        self._flows.clear()
        try:
            yield
        finally:
            self._flows.set()

    @contextmanager
    def trickling(self, rate: int) -> Iterator[None]:
        """Inside the block `rate` bytes a second get through on each connection, in each direction."""
        self._rate = rate
        try:
            yield
        finally:
            self._rate = 0

    def close(self) -> None:
        self._flows.set()
        self._rate = 0
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _welcome(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = socket.create_connection(("127.0.0.1", self._server))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._hand_on, args=(one, other), daemon=True).start()

    def _hand_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(1 << 16):
                self._flows.wait()
                while piece and self._rate:
                    other.sendall(piece[: max(self._rate // 10, 1)])
                    piece = piece[max(self._rate // 10, 1) :]
                    time.sleep(0.1)
                other.sendall(piece)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
