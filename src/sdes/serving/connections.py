"""How long a connection may be held without asking for anything, how slowly, and how many there may be at once."""

import asyncio
import logging
import os
import resource
import ssl
import sys
import time

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sdes.serving.leaving import sender_has_gone
from sdes.serving.pace import Pace
from sdes.serving.refusals import TOO_LONG, TOO_SLOW

log = logging.getLogger(__name__)

HEADER_SECONDS = 20.0  # for the whole header of a request; how a body has to come says pace.py
MOST_HEADER = 64 * 1024  # bytes of a header, or of what stands between two pieces of a body
OUR_FILES = 512  # left to the database, the store and the logs when connections have taken all others
_LOOK_SECONDS = 0.2  # from one count to the next while there is no room
_WORD_SECONDS = 60.0  # from one line in the log to the next


class Connection(HttpToolsProtocol):
    """One connection. It is closed when no whole header of a request has come within HEADER_SECONDS of its opening, or
    of the time for which it is kept after an answer; and at once, when there are too many.

    uvicorn alone waits for ever for the rest of what has begun to come, and for the first byte, and keeps a header in
    memory however long it is. One that is too long is answered with 431, a body that comes too slowly with 408.
    """

    _deadline: asyncio.TimerHandle | None = None
    _pace: Pace | None = None
    _unread = 0  # bytes of what has come, of which nothing could be made yet

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.scheme == "http" and not room.take():  # of TLS, see below
            transport.abort()
        else:
            self._expect_within(HEADER_SECONDS)

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        super().data_received(data)
        if self._unread > MOST_HEADER and not self.transport.is_closing():
            self._refuse(TOO_LONG)
            return
        cycle = self.cycle
        if cycle is not None and cycle.more_body and not cycle.response_complete:
            if self._pace is None or self._pace.cycle is not cycle:
                self._keep_no_pace()
                self._pace = Pace(cycle, self.flow, lambda: self._refuse(TOO_SLOW))
            self._pace.came(len(data))
        elif self._pace is not None:
            self._keep_no_pace()

    def on_headers_complete(self) -> None:
        self._unread = 0
        self._expect_nothing()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():  # or else another request has come
            self._expect_within(self.timeout_keep_alive + HEADER_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        self._keep_no_pace()
        super().connection_lost(exc)
        if self.cycle is not None and not self.cycle.response_complete:
            sender_has_gone(self.cycle.scope)

    def _refuse(self, answer: bytes) -> None:
        cycle = self.cycle
        is_under_way = cycle is not None and not cycle.response_complete
        if not self.pipeline and not (is_under_way and cycle.response_started):
            self.transport.write(answer)
        if is_under_way:
            cycle.disconnected = True  # whatever the application says now comes too late
            cycle.message_event.set()
        self.transport.close()

    def _keep_no_pace(self) -> None:
        if self._pace is not None:
            self._pace.end()
            self._pace = None

    def _expect_within(self, seconds: float) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class LimitedTls(ssl.SSLContext):
    """TLS that is not begun with whoever is one too many: they are closed before they have said a word."""

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        if not room.take():
            raise ConnectionAbortedError
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)


class Room:
    """How many more connections this process may take; each is an open file."""

    def __init__(self) -> None:
        self._left = 0
        self._next_look = self._next_word = 0.0

    def take(self) -> bool:
        """Takes the place of one connection. False where only OUR_FILES are left, or half of all where there are few;
        the log is told now and then."""
        if self._left <= 0 and time.monotonic() >= self._next_look:
            self._look()
        self._left -= 1
        return self._left >= 0

    def _look(self) -> None:
        """Counts, which takes milliseconds: not again before as many have come as there is room for."""
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if most == resource.RLIM_INFINITY:
            most = sys.maxsize
        self._left = most - min(OUR_FILES, most // 2) - len(os.listdir("/proc/self/fd"))
        now = time.monotonic()
        if self._left <= 0:
            self._next_look = now + _LOOK_SECONDS
            if now >= self._next_word:
                self._next_word = now + _WORD_SECONDS
                log.error("new connections are closed: of %d files that may be open, the last are ours", most)


room = Room()
