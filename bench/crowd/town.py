"""All browsers at once: when each acts, whatever has become of what it did before, and when the measurement ends."""

import asyncio
from dataclasses import dataclass
from random import Random

from bench.crowd import acts
from bench.crowd.browser import Browser
from bench.crowd.ledger import Ledger
from bench.crowd.options import Options
from bench.crowd.people import Person
from bench.crowd.processes import Machine
from bench.crowd.running import Running
from bench.crowd.watch import Watch
from bench.points import say

_DRAIN = 30.0  # seconds in which what was due may still be answered
_SCANS = 180.0  # seconds in which the files that were sent may still be checked


@dataclass
class Result:
    """What a run found; `drained` is None where files still waited at the end, times are seconds."""

    ledger: Ledger
    machine: Machine
    watch: Watch
    drained: float | None
    open_lines: int


class Town:
    """Every browser, each acting after pauses that vary as a person's do, due whether or not it was answered."""

    def __init__(self, chosen: Options, running: Running, people: list[Person], tokens: list[str]) -> None:
        self._chosen = chosen
        self._loop = asyncio.get_running_loop()
        self.random = Random(chosen.seed)
        self.ledger = Ledger()
        self._mix = acts.Mix(self.random, chosen.only)
        self.port = running.port
        self.waiting: set[Browser] = set()
        self.is_over = False
        self._machine = Machine(running.parts)
        self._browsers = [Browser(self, n, people[n % len(people)], token) for n, token in enumerate(tokens)]

    async def live(self, watch: Watch) -> Result:
        """Lets everybody come, measures for a time, and waits for what is still on its way."""
        begun = self._loop.time()
        self.ledger.begin = begun + self._chosen.warm_up
        self.ledger.end = self.ledger.begin + self._chosen.seconds
        for browser in self._browsers:  # everybody comes within one pause
            due = begun + self.random.random() * self._chosen.think
            self._loop.call_at(due, self._arrive, browser, due)
        looking = asyncio.gather(watch.keep_looking(), self._keep_time())
        await self._until(self.ledger.begin)
        say(f"everybody is there; measuring for {self._chosen.seconds:.0f} s ...")
        self._machine.begin()
        await self._until(self.ledger.end)
        self._machine.end()
        open_lines = sum(browser.is_connected for browser in self._browsers)
        self.is_over = True
        await self._until_answered()
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        drained = await watch.drained(_SCANS)
        for browser in self._browsers:
            browser.leave()
        return Result(self.ledger, self._machine, watch, drained, open_lines)

    def _arrive(self, browser: Browser, due: float) -> None:
        acts.look_at_list(browser, self.random, due)
        self._plan(browser, due)

    def _plan(self, browser: Browser, before: float) -> None:
        due = before + self.random.uniform(0.5, 1.5) * self._chosen.think
        self._loop.call_at(due, self._act, browser, due)

    def _act(self, browser: Browser, due: float) -> None:
        if self.is_over:
            return
        if self.random.random() < self._chosen.think / 60 / self._chosen.stay:
            acts.sign_in(browser, self.random, due)
        else:
            self._mix.one(browser, due)
        self._plan(browser, due)

    async def _until(self, when: float) -> None:
        while (left := when - self._loop.time()) > 0:
            await asyncio.sleep(min(left, 10.0))
            self._machine.look()
            say(f"  {self.ledger.all_answers} answers, {sum(self.ledger.errors.values())} errors, "
                f"{sum(browser.is_busy for browser in self._browsers)} wait")  # fmt: skip

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(1)
            now = self._loop.time()
            for browser in list(self.waiting):
                browser.unanswered(now)

    async def _until_answered(self) -> None:
        while any(browser.is_busy for browser in self._browsers) and self._loop.time() < self.ledger.end + _DRAIN:
            await asyncio.sleep(0.2)
