"""One signed-in browser: the page that is open in it, what it asks for by itself, and what is still to be sent."""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Protocol

from bench.crowd import asking
from bench.crowd.asking import Ask
from bench.crowd.ledger import Ledger
from bench.crowd.line import Line, connected
from bench.crowd.people import Person

POLL = (60.0, 15.0)  # seconds, and at random so many more: static/sdes.js
QUICK, QUICK_TURNS = 3.0, 40  # while files are looked at
PATIENCE = 30.0  # seconds for an answer
_BELL = re.compile(rb"/notifications/bell\?known=[\d.]+")
_NEWS = re.compile(rb'id="news"[^>]*hx-get="([^"]+)"')
_PENDING = re.compile(rb'data-pending hx-get="([^"]+)"')


class Town(Protocol):
    """What all browsers share."""

    ledger: Ledger
    random: Random
    port: int
    waiting: "set[Browser]"
    is_over: bool


class Browser:
    """A session's browser with one connection, on which one thing is asked after the other, in the order of its due."""

    __slots__ = (
        "_asked",
        "_asks",
        "_bell",
        "_files",
        "_line",
        "_loop",
        "_news",
        "_opening",
        "_poll",
        "_quick",
        "_town",
        "cookie",
        "following",
        "number",
        "person",
        "reference",
    )  # fmt: skip

    def __init__(self, town: Town, number: int, person: Person, token: str) -> None:
        self._town = town
        self._loop = asyncio.get_running_loop()
        self._asks: deque[Ask] = deque()
        self._asked: Ask | None = None
        self._line: Line | None = None
        self._opening: asyncio.Task[None] | None = None
        self._bell = self._news = self._files = ""
        self._poll: asyncio.TimerHandle | None = None
        self._quick = 0
        self.number = number
        self.person = person
        self.cookie = asking.cookies(token)
        self.reference = ""  # of the communication that is open
        self.following = ""  # the address of the list's next page

    def ask(self, kind: str, data: bytes, due: float, is_right: Callable[[int, bytes, bytes], str],
            then: Callable[[int, bytes, bytes], None] | None = None) -> None:  # fmt: skip
        """Asks as soon as what was asked before is answered. `due` is when it should have been."""
        self._town.ledger.asked(kind, due)
        self._asks.append(Ask(kind, data, due, is_right, then))
        self._go_on()

    def opened(self, body: bytes) -> None:
        """A whole page is there: it asks anew for what it asks by itself, and no other page does."""
        self._bell = found[0].decode() if (found := _found(_BELL, b'id="bell"', body)) else ""
        self.looked_at(body)
        if self._poll:
            self._poll.cancel()
        every = POLL[0] + self._town.random.random() * POLL[1]
        self._poll = self._loop.call_later(every, self._polls, every, self._loop.time() + every)

    def looked_at(self, body: bytes) -> None:
        """What the page holds of a communication is drawn anew."""
        news, pending = _found(_NEWS, b'id="news"', body), _found(_PENDING, b"data-pending", body)
        self._news = news[1].decode().replace("&amp;", "&") if news else ""
        has_files = bool(self._files)
        self._files, self._quick = (pending[1].decode() if pending else ""), QUICK_TURNS
        if self._files and not has_files:
            self._loop.call_later(QUICK, self._asks_for_files)

    def unanswered(self, now: float) -> None:
        """Looks whether the answer that is awaited is too late."""
        if self._asked and now - self._asked.sent > PATIENCE:
            self._failed("no answer within 30 s")
            if self._line:
                self._line.close()
                self._line = None

    def leave(self) -> None:
        """The measurement is over: whatever is not answered was not."""
        if self._asked:
            self._failed("not answered by the end")
        while self._asks:
            left = self._asks.popleft()
            self._town.ledger.bad(left.kind, left.due, "not sent by the end")
        if self._poll:
            self._poll.cancel()
        if self._line:
            self._line.close()

    @property
    def is_busy(self) -> bool:
        return self._asked is not None or bool(self._asks)

    @property
    def is_connected(self) -> bool:
        return self._line is not None and self._line.is_open

    def answered(self, status: int, head: bytes, body: bytes) -> None:
        ask = self._asked
        if ask is None:
            return
        self._asked = None
        self._town.waiting.discard(self)
        if why := ask.is_right(status, head, body):
            self._town.ledger.bad(ask.kind, ask.due, why)
        else:
            self._town.ledger.good(ask.kind, ask.due, ask.sent, self._loop.time())
            if ask.then:
                ask.then(status, head, body)
        self._go_on()

    def parted(self, line: Line) -> None:
        """The server has closed an idle connection, as it may; what was just sent on it is sent again, once."""
        if line is not self._line:
            return
        self._line = None
        ask = self._asked
        if ask is None:
            self._go_on()
        elif ask.is_again or line.begun:
            self._failed("connection lost")
        else:
            ask.is_again = True
            self._asked = None
            self._asks.appendleft(ask)
            self._town.ledger.reconnected += 1
            self._go_on()

    def _go_on(self) -> None:
        if self._asked or not self._asks:
            return
        if self._line is None or not self._line.is_open:
            if self._opening is None:
                self._opening = self._loop.create_task(self._open())
            return
        ask = self._asked = self._asks.popleft()
        ask.sent = self._loop.time()
        self._town.waiting.add(self)
        self._line.ask(ask.data)

    async def _open(self) -> None:
        try:
            self._line = await connected(self, self._town.port, self.number)
        except OSError as cause:
            failed = self._asks.popleft()
            self._town.ledger.bad(failed.kind, failed.due, f"connection: {cause.strerror or cause}")
        finally:
            self._opening = None
        self._go_on()

    def _failed(self, why: str) -> None:
        assert self._asked
        self._town.ledger.bad(self._asked.kind, self._asked.due, why)
        self._asked = None
        self._town.waiting.discard(self)
        self._go_on()

    def _polls(self, every: float, due: float) -> None:
        self._poll = self._loop.call_later(every, self._polls, every, due + every)
        if self._town.is_over:
            return
        if self._bell:
            data = asking.fetch(self._bell, self.cookie, is_poll=True)
            self.ask("poll: bell", data, due, asking.poll_is_right, self._rung)
        if self._news:
            data = asking.fetch(self._news, self.cookie, is_poll=True)
            self.ask("poll: thread", data, due, asking.poll_is_right, self._told)

    def _rung(self, status: int, head: bytes, body: bytes) -> None:
        if found := _BELL.search(body):
            self._bell = found[0].decode()

    def _told(self, status: int, head: bytes, body: bytes) -> None:
        if found := _NEWS.search(body):
            self._news = found[1].decode().replace("&amp;", "&")

    def _asks_for_files(self) -> None:
        if self._files and not self._town.is_over:
            data = asking.fetch(self._files, self.cookie, is_poll=True)
            self.ask("poll: files", data, self._loop.time(), asking.poll_is_right, self._checked)

    def _checked(self, status: int, head: bytes, body: bytes) -> None:
        self._quick -= 1
        if b"data-pending" in body and self._quick > 0:
            self._loop.call_later(QUICK, self._asks_for_files)
        else:
            self._files = ""


def _found(pattern: re.Pattern[bytes], mark: bytes, body: bytes) -> re.Match[bytes] | None:
    """The first match from where the mark is, which is found ten times as fast as a pattern."""
    start = body.find(mark)
    return pattern.search(body, start) if start >= 0 else None
