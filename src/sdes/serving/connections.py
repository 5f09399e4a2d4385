"""How long a connection may be held without asking for anything, and how many there may be at once (SD 8.1)."""

import asyncio
import logging
import os
import resource
import ssl
import time
from contextlib import suppress

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

log = logging.getLogger(__name__)

HEADER_SECONDS = 20.0  # for the whole header of a request; a form that follows has limits of its own (kit/forms.py)
OUR_FILES = 512  # left to the database, the store and the logs when connections have taken all others
_WORD_SECONDS = 60.0  # from one line in the log to the next


class Connection(HttpToolsProtocol):
    """One connection. It is closed when no whole header of a request has come within HEADER_SECONDS of its opening, or
    of the time for which it is kept after an answer; and at once, when there are too many.

    uvicorn alone waits for ever for the rest of what has begun to come, and for the first byte.
    """

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if room.is_full():
            transport.abort()
        else:
            self._expect_within(HEADER_SECONDS)

    def on_headers_complete(self) -> None:
        self._expect_nothing()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():  # or else another request has come
            self._expect_within(self.timeout_keep_alive + HEADER_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

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
        if room.is_full():
            raise ConnectionAbortedError
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)


class Room:
    """How many files this process may still open; each connection is one."""

    def __init__(self) -> None:
        self._next_word = 0.0

    def is_full(self) -> bool:
        """Whether no more than OUR_FILES are left (half of all, where there are few). Tells the log now and then."""
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if most == resource.RLIM_INFINITY or _next_file() < most - min(OUR_FILES, most // 2):
            return False
        if time.monotonic() >= self._next_word:
            self._next_word = time.monotonic() + _WORD_SECONDS
            log.error(
                "new connections are closed: of the %d files that this process may open %d are left", most, OUR_FILES
            )
        return True


def _next_file() -> int:
    """The lowest number that no open file has; all below are taken."""
    with suppress(OSError):
        number = os.dup(0)
        os.close(number)
        return number
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


room = Room()
