"""Pages that may be slow are made a few at a time, so that they never have all connections of a process."""

import asyncio

import httpx
import pytest

from sdes.accounts import entrance
from sdes.kit import pool as connections
from sdes.kit.errors import Unavailable
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


async def test_who_comes_beyond_the_few_waits_until_one_is_answered() -> None:
    few, served = asyncio.Semaphore(2), []
    goes_on = asyncio.Event()

    async def page(number: int) -> None:
        async with entrance._turn(few) as leave:
            served.append(number)
            await goes_on.wait()
            await leave()
            await leave()  # what is sent in two pieces leaves but once
            await asyncio.sleep(0)

    pages = [asyncio.create_task(page(number)) for number in range(5)]
    await asyncio.sleep(0.01)
    assert served == [0, 1]
    goes_on.set()
    await asyncio.gather(*pages)
    assert served == [0, 1, 2, 3, 4]
    assert few._value == 2


async def test_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.01)
    few = asyncio.Semaphore(0)
    with pytest.raises(Unavailable, match="very busy"):
        async with entrance._turn(few):
            pytest.fail("it is served")
    assert few._value == 0


@pytest.mark.parametrize("path", ["/sdep/reports", "/sdep/reports/late", "/sdep/portal-reports"])
async def test_reports_wait_for_their_turn_and_lists_do_not(
    path: str, mo: Browser, carys: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def taken(few: asyncio.Semaphore) -> None:
        raise TimeoutError

    reader = carys if "portal" in path else mo
    monkeypatch.setattr(asyncio.Semaphore, "acquire", taken)
    assert (await _status(reader, path)) == 503
    assert (await _status(mo, "/sdep/communications")) == 200
    monkeypatch.undo()


async def _status(browser: Browser, path: str) -> int:
    answer: httpx.Response = await browser.get(path)
    return answer.status_code
