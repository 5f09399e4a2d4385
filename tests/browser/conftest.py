"""Real parts for the browser tests: one site with the demo world, one Chromium, and people at browsers of their own."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import psycopg
import pytest
from playwright.async_api import Browser, async_playwright

from sdes.embedded.clamd import EmbeddedClamd
from sdes.embedded.postgres import EmbeddedPostgres
from tests.browser.sites import Site
from tests.browser.visitor import Visitor

CHROMIUM = "/usr/bin/chromium"
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]

Arrive = Callable[..., Awaitable[Visitor]]


@pytest.fixture(scope="session")
def site(postgres: EmbeddedPostgres, clamd: EmbeddedClamd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """SDES with the demo world, in a database beside that of the other tests."""
    with psycopg.connect(postgres.url("sdes_owner", "postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE sdes_browser OWNER sdes_owner")
    made = Site(tmp_path_factory.mktemp("site"), postgres, clamd.socket, "sdes_browser")
    try:
        made.prepare()
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(autouse=True)
def as_the_demo_begins(request: pytest.FixtureRequest) -> None:
    """Whatever a test before has done: everybody at Brightwatt is in every use case, and Ben is the MAU's deputy."""
    if "site" not in request.fixturenames:
        return
    site = request.getfixturevalue("site")
    site.rows("UPDATE person SET functions = '{user-administration}' WHERE email_key = 'ben@brightwatt.example'")
    site.rows(
        "INSERT INTO assignment (company, person, process_type, level) SELECT p.company, p.id, a.process_type, a.level"
        " FROM person p CROSS JOIN (SELECT DISTINCT a.process_type, a.level FROM assignment a JOIN company c"
        " ON c.id = a.company WHERE c.name IN ('Brightwatt Energy', 'Calder Home Energy')) a"
        " WHERE p.email_key LIKE '%%@brightwatt.example' AND p.state <> 'deleted' ON CONFLICT DO NOTHING"
    )


@pytest.fixture(scope="session")
async def chromium(anyio_backend: str) -> AsyncIterator[Browser]:
    """The one Chromium of the run."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        with anyio.move_on_after(20):  # a browser that has died is not waited for
            await browser.close()


@pytest.fixture
async def arrive(chromium: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Arrive]:
    """Gives people at browsers: `await arrive(site, "asha@brightwatt.example")` is signed in already; without an
    address nobody is. Further words are Playwright's for a context."""
    here: list[Visitor] = []

    async def open_browser(site: Site, email: str = "", **options: Any) -> Visitor:
        context = await chromium.new_context(
            **{"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", "accept_downloads": True, **options}
        )
        if email:
            await context.add_cookies([{"name": "sdes", "value": site.session(email), "url": site.address}])
        here.append(Visitor(context, await context.new_page(), site))
        return here[-1]

    yield open_browser
    for visitor in here:
        await visitor.leave()


@pytest.fixture
def pictures() -> Path | None:
    """Where pictures of pages are left for people to look at (PICTURES names the folder); no test reads them, and
    without it none are taken: they take as long as the test itself."""
    if not (named := os.environ.get("PICTURES")):
        return None
    Path(named).mkdir(parents=True, exist_ok=True)
    return Path(named)
