"""Pages that may be slow are made a few at a time, so that they never have all connections of a process."""

import asyncio

import pytest
from litestar import Litestar
from litestar.middleware import DefineMiddleware

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


async def test_all_reports_share_the_turns_and_lists_need_none(
    app: Litestar, mo: Browser, carys: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.01)
    [slow] = [one.kwargs["slow"] for one in app.middleware if isinstance(one, DefineMiddleware)]
    for _ in range(entrance.MOST_SLOW):
        await slow.acquire()
    try:
        for browser, path in ((mo, "/sdep/reports"), (mo, "/sdep/reports/late"), (carys, "/sdep/portal-reports")):
            assert (await browser.get(path)).status_code == 503, path
        assert (await mo.get("/sdep/communications")).status_code == 200
    finally:
        for _ in range(entrance.MOST_SLOW):
            slow.release()
    assert (await carys.get("/sdep/portal-reports")).status_code == 200
