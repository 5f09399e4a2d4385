"""People who send numbered messages with files, one after the other, and write down what was acknowledged.

After an error they do as a person does: they press Send again, on the same page, with the same files.
"""

import re
import threading
import time
from dataclasses import dataclass, field
from hashlib import shake_256
from itertools import count
from uuid import uuid4

import httpx

from tests.browser.sites import MPAN, PROCESS
from tests.faults.house import BRIGHTWATT, NORTHGRID, House

PATIENCE = 90.0  # seconds after which a person gives up
BEN = "ben@brightwatt.example"
_numbers = count(1)  # no two messages of the house have the same


@dataclass
class Numbered:
    """All who send; `begin` starts them, `stop` lets each end what it is at."""

    house: House
    written: "list[Sending]" = field(default_factory=list)
    _clients: dict[str, httpx.Client] = field(default_factory=dict)
    _threads: list[threading.Thread] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """What is asked of the database itself is asked before anything breaks."""
        house = self.house
        self._clients = {email: house.client(email) for email in (BRIGHTWATT, BEN, NORTHGRID)}
        self._tokens = {email: house.form_token(email) for email in self._clients}
        ids = {row["mpid"]: str(row["id"]) for row in house.rows("SELECT id, mpid FROM market_participant")}
        process = str(house.rows("SELECT id FROM process_type WHERE code = %s", PROCESS)[0]["id"])
        self._choices = {"sender": ids["BRWT"], "process": process, "recipient": ids["NORG"], "mpan": MPAN}

    def begin(self, people: tuple[str, ...] = (BRIGHTWATT, BEN), files: tuple[int, ...] = (300, 40_000)) -> None:
        """Each of them opens communications with files of so many bytes, until `stop`. Nils answers one of Asha's."""
        opened = self.one()
        self.send(opened)
        for email in people:
            self._start(email, None, files)
        self._start(NORTHGRID, opened.reference, files)

    def one(self, email: str = BRIGHTWATT, files: tuple[int, ...] = (300, 40_000), reply_to: str = "") -> "Sending":
        """One message, written and not sent yet."""
        form = {"csrf_token": self._tokens[email], **({} if reply_to else self._choices)}
        made = Sending(next(_numbers), self._clients[email], form, files, reply_to)
        self.written.append(made)
        return made

    def send(self, *these: "Sending") -> None:
        """Sends until each is acknowledged; parts that have ended are started again meanwhile."""
        threads = [threading.Thread(target=one.insist, args=(threading.Event(),)) for one in these]
        for thread in threads:
            thread.start()
        self.house.until(lambda: not any(thread.is_alive() for thread in threads), "messages are sent", PATIENCE + 5)
        assert all(one.reference for one in these), [one.errors for one in these]

    def begun(self, sending: "Sending") -> threading.Thread:
        """Presses Send once, without waiting for what becomes of it."""
        thread = threading.Thread(target=sending.press_send)
        thread.start()
        self._threads.append(thread)
        return thread

    def acknowledged(self) -> int:
        return sum(bool(one.reference) for one in self.written)

    def failed(self) -> int:
        return sum(len(one.errors) for one in self.written)

    def told(self, word: str) -> list[str]:
        """What was said with that word in it when something did not go through."""
        return [error for one in self.written for error in one.errors if word in error]

    def stop(self) -> None:
        self._is_over.set()
        self.house.until(lambda: not any(thread.is_alive() for thread in self._threads), "the senders stop")
        self.send(*(one for one in self.written if not one.reference))

    def _start(self, email: str, reply_to: str | None, files: tuple[int, ...]) -> None:
        def work() -> None:
            while not self._is_over.is_set():
                self.one(email, files, reply_to or "").insist(self._is_over)

        self._threads.append(threading.Thread(target=work))
        self._threads[-1].start()


@dataclass
class Sending:
    """One message: what is in it, whether it was acknowledged (`reference`, `number`), and what was said before."""

    id: int
    client: httpx.Client
    form: dict[str, str]
    sizes: tuple[int, ...]
    reply_to: str = ""
    reference: str = ""
    number: int = 0
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draft_id = uuid4()
        self.files = {f"part-{n}-of-{self.id}.txt": self._content(n, size) for n, size in enumerate(self.sizes, 1)}
        self.form |= {"draft_id": str(self.draft_id), "text": self.text}
        if not self.reply_to:
            self.form["subject"] = f"Number {self.id}"

    @property
    def text(self) -> str:
        return f"This is message {self.id} and no other."

    def insist(self, is_over: threading.Event) -> None:
        """Presses Send again and again until it is acknowledged, or nobody waits for it any more."""
        give_up = time.monotonic() + PATIENCE
        while not self.press_send() and time.monotonic() < give_up and not is_over.is_set():
            time.sleep(0.2)

    def press_send(self) -> bool:
        """Sends it once; whether it was acknowledged."""
        path = f"/sdep/communications/{self.reply_to}/messages" if self.reply_to else "/sdep/communications"
        files = [("files", (name, content)) for name, content in self.files.items()]
        try:
            answer = self.client.post(path, data=self.form, files=files)
        except httpx.HTTPError as cause:
            self.errors.append(repr(cause))
            return False
        found = re.search(r"/(SC\d{8})[^#]*(?:#message-(\d+))?$", answer.headers.get("Location", ""))
        if answer.status_code != 303 or not found:
            self.errors.append(f"{answer.status_code} {_told(answer.text)}")
            return False
        self.number, self.reference = int(found[2] or 1), found[1]
        return True

    def _content(self, part: int, size: int) -> bytes:
        head = f"part {part} of message {self.id}\n".encode()
        return head + shake_256(head).hexdigest(size // 2).encode()


def _told(html: str) -> str:
    """What an error page or a form says went wrong."""
    found = re.findall(r"data-told[^>]*>(.*?)<|class=\"errors\"[^>]*>(.*?)</ul>", html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", "".join(one)).strip() for one in found)[:300]
