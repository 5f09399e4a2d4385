"""The round of one visitor: every door as its page would have it, then in ways that hypothesis makes."""

import json
from collections import Counter
from typing import Any

from litestar import Litestar

from sdes.kit import db
from tests.fuzz.asking import Answer, Knock, Visitor, ask
from tests.fuzz.doors import Door, door_at, doors_of
from tests.fuzz.judging import faults
from tests.fuzz.making import Material, knocks, plain
from tests.fuzz.pages import Offered
from tests.fuzz.world import World

SLOW = 2.0  # seconds that an answer may take; a slower one is asked for three times more and judged by the soonest
UNSTATED = ("done", "next", "page", "q")  # parameters that handlers read without stating them


class Fuzz:
    """Asks, judges, and keeps the line that repeats what was answered wrongly: the first of each kind at each door."""

    def __init__(self, app: Litestar, world: World) -> None:
        self.app, self.world, self.doors = app, world, doors_of(app)
        self.found: dict[tuple[object, ...], str] = {}
        self.answered: Counter[tuple[str, int]] = Counter()  # by door and status

    async def visit(self, visitor: Visitor, many: int) -> None:
        """About `many` requests as that visitor, each of which is undone."""
        offered, before = Offered(self.doors), self.answered.total()
        for door in sorted(self.doors, key=lambda door: door.method != "GET"):  # pages first: they hold the forms
            for record in self.world.records:
                knock = plain(door, record, visitor, offered.fields.get(door, {}))
                answer = await self._judged(knock, visitor)
                if answer.status == 200 and answer.header("content-type").startswith("text/html"):
                    offered.read(answer.body.decode(), knock.target)
        made = self.answered.total() - before
        for knock in knocks(visitor, self._doors_of(visitor), await self._material(offered), max(many - made, 1)):
            await self._judged(knock, visitor)

    def _doors_of(self, visitor: Visitor) -> list[Door]:
        """A program knocks at its own doors above all, as everybody else does at theirs."""
        is_program = any(name == "authorization" for name, _ in visitor.headers)
        own = [door for door in self.doors if door.is_for_programs == is_program]
        return own * 9 + [door for door in self.doors if door.is_for_programs != is_program]

    async def _material(self, offered: Offered) -> Material:
        described = await ask(self.app, Knock("GET", "/api/openapi.json"), Visitor("nobody"))
        names = {*UNSTATED, *(name for fields in offered.fields.values() for name in fields)}
        names |= {name for door in self.doors for name in door.asks}
        bodies = _properties(json.loads(described.body))
        assert len(bodies) > 10, "the description of the interface for programs names no members"
        return Material(self.world, offered, tuple(sorted(names)), tuple(sorted(bodies)))

    async def _judged(self, knock: Knock, visitor: Visitor) -> Answer:
        answer = await self._undone(knock, visitor)
        door = door_at(self.doors, knock.method, knock.target.partition("?")[0])
        place = door.path if door else "no door"
        self.answered[place, answer.status] += 1
        wrong = faults(knock, answer, visitor, self.world.secrets)
        if answer.seconds > SLOW:
            again = [(await self._undone(knock, visitor)).seconds for _ in range(3)]
            if min(again) > SLOW:
                wrong.append(f"takes {min(again):.1f} s")
        for fault in wrong:
            line = f"{knock.method} {place} as {visitor.label}: {fault}\n  {knock.as_curl(visitor)}"
            self.found.setdefault((knock.method, place, fault.partition(":")[0]), line)
        return answer

    async def _undone(self, knock: Knock, visitor: Visitor) -> Answer:
        unit = db.Unit()
        await unit.begin()
        try:
            return await ask(self.app, knock, visitor)
        finally:
            await unit.rollback()


def _properties(described: Any) -> set[str]:
    """The names of all members that a description of an interface mentions."""
    if isinstance(described, list):
        return set().union(*map(_properties, described))
    if not isinstance(described, dict):
        return set()
    own = described.get("properties", {})
    return set(own if isinstance(own, dict) else {}).union(*map(_properties, described.values()))
