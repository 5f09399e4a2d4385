"""The parts that run: what became of each, starting it again with longer and longer waits, stopping all in order."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sdes.embedded.child import Child

STEADY = 60.0  # seconds; whoever ran this long may fail again without waiting longer
_LONGEST_WAIT = 30.0

Answer = TypeVar("Answer")


class Part(Protocol):
    """What a part must be able to do."""

    def start(self) -> object: ...
    def stop(self) -> None: ...
    def is_running(self) -> bool: ...


@dataclass
class Watched:
    """A part that was started, and what is known of its failures. Times are of the monotonic clock."""

    name: str
    part: Part
    started: float
    failures: int = 0
    start_again_at: float | None = None


class Watch:
    """All parts that were started, in that order; `say` tells the person at the terminal what happens to them."""

    def __init__(self, say: Callable[[str], None], steady: float = STEADY) -> None:
        self._say = say
        self._steady = steady
        self._watched: list[Watched] = []

    def __bool__(self) -> bool:
        """Whether any part runs or is to run again."""
        return bool(self._watched)

    def begin(self, name: str, part: Part, start: Callable[[], Answer]) -> Answer:
        """Starts a part through `start` and gives its answer. A part that cannot start is not watched."""
        started = time.monotonic()
        try:
            answer = start()
        except BaseException:
            part.stop()
            raise
        self._watched.append(Watched(name, part, started))
        return answer

    def look(self) -> None:
        """Says what is new, and starts again what ended by itself, when its waiting time is over."""
        for watched in self._watched:
            if isinstance(watched.part, Child):
                for line in watched.part.news():
                    self._say(f"[{watched.part.name}] {line}")
            if watched.start_again_at is None:
                if not watched.part.is_running():
                    self._plan_start(watched)
            elif time.monotonic() >= watched.start_again_at:
                self._start_again(watched)

    def stop(self) -> None:
        """Stops all, the last started first, so that none loses another that it still needs."""
        while self._watched:
            watched = self._watched.pop()
            try:
                watched.part.stop()
            except Exception as failure:  # the others are to be stopped all the same
                self._say(f"{watched.name} did not stop as it should: {failure}")

    def _plan_start(self, watched: Watched) -> None:
        now = time.monotonic()
        if now - watched.started > self._steady:
            watched.failures = 0
        wait = min(2.0**watched.failures, _LONGEST_WAIT)
        watched.failures += 1
        watched.start_again_at = now + wait
        if isinstance(watched.part, Child):
            self._say(f"{watched.name} stopped by itself ({watched.part.how_it_ended()}). Its last words:")
            self._say(watched.part.last_words())
        else:
            self._say(f"{watched.name} stopped by itself.")
        self._say(f"It is started again in {wait:.0f} s.")

    def _start_again(self, watched: Watched) -> None:
        watched.started, watched.start_again_at = time.monotonic(), None
        try:
            watched.part.stop()
            watched.part.start()
            self._say(f"{watched.name} runs again.")
        except Exception as failure:  # whatever it is, the others go on, and it is tried again
            self._say(f"{watched.name} could not be started: {failure}")
