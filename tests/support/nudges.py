"""The queue as tests see it: what was asked of the worker, and nothing done."""


class Nudges:
    """A queue that only remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, object]]] = []

    async def enqueue(self, job: str, **words: object) -> None:
        self.asked.append((job, words))
