"""People who read and write without a pause, each at a connection of their own, and remember what was acknowledged."""

import threading
import time
from dataclasses import dataclass, field

from tests.machines.conftest import Park
from tests.machines.visitor import Visitor

PAUSE = 0.05  # seconds
LIST = "/sdep/communications"


@dataclass
class Writer:
    """One who reads the list, opens the communication and replies to it, again and again, every third time with a
    file. The form bears no number of a draft, by which SDES would know a second sending of it."""

    visitor: Visitor
    reference: str
    name: str
    acknowledged: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        n = 0
        while not self.stopped.wait(PAUSE):
            n += 1
            try:
                self._turn(n, f"{self.name}, message {n}.")
            except Exception as cause:
                self.wrong.append(f"{time.strftime('%X')} {n}: {cause!r}")

    def _turn(self, n: int, text: str) -> None:
        listed = self.visitor.get(LIST)
        if listed.status_code != 200:
            self.wrong.append(f"{time.strftime('%X')} {n}: the list answered {listed.status_code}")
        files = {"reading.txt": text.encode() * 500} if n % 3 == 0 else {}
        answer = self.visitor.reply(self.reference, text, files)
        if answer.status_code == 303:
            self.acknowledged.append(text)
        else:
            self.wrong.append(f"{time.strftime('%X')} {n}: the reply was answered {answer.status_code}")


class Crowd:
    """Eight of them at once, as a context: they stop at its end."""

    def __init__(self, park: Park, emails: list[str]) -> None:
        opened = park.visitor(emails[0])
        ids = park.ids()
        self.writers = [
            Writer(park.visitor(email), opened.send(f"Crowd {n}", ids, {}), f"{email} ({n})")
            for n, email in enumerate(emails)
        ]
        self._threads = [threading.Thread(target=writer.work, daemon=True) for writer in self.writers]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self.writers:
            writer.stopped.set()
        for thread in self._threads:
            thread.join(90)
            assert not thread.is_alive()

    @property
    def wrong(self) -> list[str]:
        return [f"{writer.name}: {what}" for writer in self.writers for what in writer.wrong]

    @property
    def acknowledged(self) -> list[str]:
        return [text for writer in self.writers for text in writer.acknowledged]

    @property
    def references(self) -> list[str]:
        return [writer.reference for writer in self.writers]
