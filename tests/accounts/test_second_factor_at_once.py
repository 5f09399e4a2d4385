"""Two at once with one code, one recovery code or one passkey's answer: one comes in (SD 8.1)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from litestar import Litestar

from sdes.accounts import rate_limits
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.settings import Settings
from tests.support.own_database import who_commits
from tests.support.people import Browser
from tests.support.second_factors import (
    STEP,
    challenge,
    code_of,
    half_way,
    passkey_sign_in,
    with_app,
    with_passkey,
)
from tests.support.signing_in import ASHA

pytestmark = pytest.mark.anyio

DATABASE = "sdes_two_at_once"
SIX = 6


@pytest.fixture
async def asha_who_commits(
    postgres: EmbeddedPostgres, pool: None, app: Litestar, settings: Settings
) -> AsyncIterator[Browser]:
    """Asha at a database of its own, where requests commit and can run at the same time."""
    async with who_commits(ASHA, DATABASE, postgres, app, settings) as asha:
        yield asha


async def statuses(ask: Callable[[Browser], Awaitable[httpx.Response]], browsers: list[Browser]) -> list[int]:
    return sorted(answer.status_code for answer in await asyncio.gather(*(ask(one) for one in browsers)))


async def test_of_six_at_once_one_comes_in(
    app: Litestar, settings: Settings, asha_who_commits: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "PER_ACCOUNT", 100)
    secret, codes = await with_app(asha_who_commits)
    device = await with_passkey(asha_who_commits)
    one_in = [303] + [422] * (SIX - 1)

    browsers = [Browser(app, settings) for _ in range(SIX)]
    for browser in browsers:
        await half_way(browser)
        browser.is_also(asha_who_commits)
    code = code_of(secret, 1)
    assert await statuses(lambda browser: browser.post(STEP, {"code": code}), browsers) == one_in

    browsers = [Browser(app, settings) for _ in range(SIX)]
    for browser in browsers:
        await half_way(browser)
        browser.is_also(asha_who_commits)
    spend = {"code": codes[0], "by": "recovery"}
    assert await statuses(lambda browser: browser.post(STEP, spend), browsers) == one_in

    browsers = [Browser(app, settings) for _ in range(SIX)]
    proof = device.prove(await challenge(browsers[0]))
    assert await statuses(lambda browser: passkey_sign_in(browser, proof), browsers) == one_in

    # a device and its copy: two answers to two challenges, with the same count of uses
    proofs = {}
    for browser in browsers:
        device.count = 50
        proofs[browser] = device.prove(await challenge(browser))
    assert await statuses(lambda browser: passkey_sign_in(browser, proofs[browser]), browsers) == one_in
