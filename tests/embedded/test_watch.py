"""Watching over the parts: one that ends is started again with longer waits; all are stopped in the reverse order."""

import pytest

from sdes.embedded import watch
from sdes.embedded.watch import Watch


class Fake:
    """A part that does as it is told and notes it."""

    def __init__(self, name: str, notes: list[str]) -> None:
        self.name, self.notes, self.running, self.broken = name, notes, False, False

    def start(self) -> str:
        self.notes.append(f"start {self.name}")
        if self.broken:
            raise RuntimeError("no paper")
        self.running = True
        return self.name

    def stop(self) -> None:
        self.notes.append(f"stop {self.name}")
        self.running = False

    def is_running(self) -> bool:
        return self.running


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(watch, "time", clock)
    return clock


def test_the_last_started_is_stopped_first_even_when_one_cannot_be_stopped() -> None:
    notes: list[str] = []
    said: list[str] = []
    parts = Watch(said.append)
    for name in ("database", "worker", "web"):
        part = Fake(name, notes)
        assert parts.begin(name, part, part.start) == name
        if name == "worker":
            part.stop = lambda: 1 / 0  # type: ignore[assignment,method-assign]
    notes.clear()
    parts.stop()
    assert notes == ["stop web", "stop database"]
    assert said == ["worker did not stop as it should: division by zero"]
    assert not parts


def test_one_that_cannot_start_is_not_watched() -> None:
    part = Fake("web", [])
    part.broken = True
    parts = Watch(print)
    with pytest.raises(RuntimeError):
        parts.begin("web", part, part.start)
    assert not parts


def test_waits_grow_while_it_keeps_failing_and_are_forgotten_when_it_runs_steadily(clock: Clock) -> None:
    said: list[str] = []
    part = Fake("worker", [])
    parts = Watch(said.append)
    parts.begin("The worker", part, part.start)

    def wait_after_failure() -> float:
        part.running = False
        failed = clock.now
        while not part.running:
            parts.look()
            clock.now += 0.25
        return round(clock.now - failed)

    assert [wait_after_failure() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    clock.now += 61
    assert wait_after_failure() == 1
    assert said[:3] == ["The worker stopped by itself.", "It is started again in 1 s.", "The worker runs again."]


def test_one_that_cannot_be_started_again_is_tried_again(clock: Clock) -> None:
    said: list[str] = []
    part = Fake("worker", [])
    parts = Watch(said.append)
    parts.begin("The worker", part, part.start)
    part.running, part.broken = False, True
    for _ in range(20):
        parts.look()
        clock.now += 0.25
    assert "The worker could not be started: no paper" in said
    part.broken = False
    for _ in range(40):
        parts.look()
        clock.now += 0.25
    assert said[-1] == "The worker runs again."
