"""Every door, asked in thousands of ways that no page offers: it answers soon, in its own words, and tells nobody what
is not theirs.

`FUZZ_REQUESTS` says how many requests in all (20,000 unless it is set), `FUZZ_SEED` makes others.
"""

import os

import pytest
from litestar import Litestar

from tests.fuzz.fuzz import Fuzz
from tests.fuzz.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.drill]

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "20000"))
SHARDS = {
    "parties": ("asha", "ben", "nils"),
    "administrators": ("mo", "olga"),
    "overseers": ("carys", "piet"),
    "outsiders": ("otto", "cleo", "mei"),
    "on their way in": ("nobody", "cora, half-way", "nora, a newcomer", "marc, who was away"),
    "programs": (
        "a program of Brightwatt Energy",
        "a program of Clearvolt",
        "a reader of Calder Home Energy",
        "a program with a revoked key",
    ),
}
MOST_TOLD = 30


@pytest.mark.parametrize("shard", SHARDS)
async def test_no_request_gets_more_than_it_should(shard: str, app: Litestar, world: World) -> None:
    assert sum(map(len, SHARDS.values())) == len(world.visitors)
    fuzz = Fuzz(app, world)
    for name in SHARDS[shard]:
        await fuzz.visit(world.visitors[name], -(-REQUESTS // len(world.visitors)))
    told = list(fuzz.found.values())
    assert not told, f"{len(told)} kinds of wrong answer:\n" + "\n".join(told[:MOST_TOLD])
