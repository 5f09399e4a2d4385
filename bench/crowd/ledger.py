"""What was asked and what came back: times by kind of act, and everything that was not as it should be."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """One kind of act in the measured time. Times are seconds: from when it was due, and from when it was sent."""

    asked: int = 0
    from_due: list[float] = field(default_factory=list)
    from_sent: list[float] = field(default_factory=list)
    errors: int = 0

    @property
    def reached(self) -> int:
        return len(self.from_due)


@dataclass
class Ledger:
    """All kinds. Only what was due between `begin` and `end` (seconds of the loop's clock) counts.

    `in_time` counts good answers that came before `end`, `late` those that came after it.
    """

    begin: float = 0.0
    end: float = 0.0
    kinds: dict[str, Tally] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    in_time: int = 0
    late: int = 0
    reconnected: int = 0
    all_answers: int = 0  # before and after the measured time too

    def asked(self, kind: str, due: float) -> None:
        if self.begin <= due < self.end:
            self._of(kind).asked += 1

    def good(self, kind: str, due: float, sent: float, now: float) -> None:
        self.all_answers += 1
        if self.begin <= now < self.end:
            self.in_time += 1
        if self.begin <= due < self.end:
            self.late += now >= self.end
            tally = self._of(kind)
            tally.from_due.append(now - due)
            tally.from_sent.append(now - sent)

    def bad(self, kind: str, due: float, why: str) -> None:
        """Errors count whenever they were: none may hide in the time before."""
        self.errors[f"{kind}: {why}"] += 1
        if self.begin <= due < self.end:
            self._of(kind).errors += 1

    def _of(self, kind: str) -> Tally:
        found = self.kinds.get(kind)
        if found is None:
            found = self.kinds[kind] = Tally()
        return found
