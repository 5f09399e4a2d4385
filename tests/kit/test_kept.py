"""What is kept in the process: for its seconds, forgotten on a change that has become true, never a value of before."""

import pytest

from sdes.kit import db as database
from sdes.kit.kept import Kept

pytestmark = pytest.mark.anyio


class Source:
    """Something that changes and is asked for; the time is what the test says."""

    def __init__(self) -> None:
        self.says, self.asked, self.time = "one", 0, 100.0
        self.kept = Kept(self.read, 5, clock=lambda: self.time)

    async def read(self) -> str:
        self.asked += 1
        return self.says


async def test_it_is_asked_for_once_and_again_when_its_seconds_have_passed() -> None:
    source = Source()
    for _ in range(3):
        assert await source.kept.value() == "one"
    assert source.asked == 1
    source.says = "two"
    source.time += 4.9
    assert await source.kept.value() == "one"
    source.time += 0.1
    assert await source.kept.value() == "two"
    assert source.asked == 2


async def test_a_change_forgets_it_when_it_is_committed_and_not_when_it_is_taken_back(pool: None) -> None:
    source = Source()
    await source.kept.value()
    unit = database.Unit()
    await unit.begin()
    source.kept.changes()
    await unit.rollback()
    await source.kept.value()
    assert source.asked == 1
    async with database.transaction():
        source.kept.changes()
        await source.kept.value()
        assert source.asked == 1, "nobody else sees it before"
    await source.kept.value()
    assert source.asked == 2


async def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    source = Source()

    async def read_slowly() -> str:
        found = await source.read()
        if source.asked == 1:
            source.says = "two"
            kept.forget()  # as a change does that is committed meanwhile
        return found

    kept = Kept(read_slowly, 5)
    assert await kept.value() == "one"
    assert await kept.value() == "two"


async def test_a_failure_is_not_kept() -> None:
    source = Source()

    async def fails_at_first() -> str:
        if await source.read() and source.asked == 1:
            raise ConnectionError
        return source.says

    kept = Kept(fails_at_first, 5)
    with pytest.raises(ConnectionError):
        await kept.value()
    assert await kept.value() == "one"
