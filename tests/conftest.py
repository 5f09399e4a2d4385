"""Fixtures of all tests: the embedded PostgreSQL, the virus scanner, the application, and the cast signed in."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from litestar import Litestar

from sdes import mail
from sdes.app import create_app
from sdes.attachments.scanner import Scanner
from sdes.attachments.vault import Vault, open_vault
from sdes.catalogue.load import load_defaults
from sdes.database.migrate import migrate
from sdes.database.world import load_cast
from sdes.embedded.clamd import EmbeddedClamd
from sdes.embedded.postgres import EmbeddedPostgres, Urls
from sdes.kit import db as database
from sdes.kit import kept, keyring, queue
from sdes.settings import Settings
from tests.support.nudges import Nudges
from tests.support.people import PASSWORD, Browser, SignIn, session_for
from tests.support.world import ReadingOfARequest, UnitOfARequest, maintain, rolled_back


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A real PostgreSQL for the whole run."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), fsync=False) as running:
        yield running


@pytest.fixture(scope="session")
def urls(postgres: EmbeddedPostgres) -> Urls:
    return Urls(postgres.url("sdes_owner", "sdes"), postgres.url("sdes_web", "sdes"))


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedClamd]:
    """A real clamd for the whole run, with the signatures that the project ships."""
    with EmbeddedClamd(tmp_path_factory.mktemp("clamd"), official=Path("/nowhere")) as running:
        yield running


@pytest.fixture(scope="session")
def scanner(clamd: EmbeddedClamd) -> Scanner:
    return Scanner(clamd.socket)


@pytest.fixture(scope="session")
async def pool(urls: Urls, anyio_backend: str) -> AsyncIterator[None]:
    """The migrated database with the reference data and the cast, and this process's pool of the owner's login."""
    await database.open_pool(urls.owner_url, size=4)
    await migrate(urls.owner_url)
    async with database.transaction():
        await load_defaults()
        await load_cast(PASSWORD)
    yield
    sessions = await database.fetch("SELECT count(*) AS rows FROM session")
    await database.close_pool()
    assert not sessions[0]["rows"], "a test has kept what it did: give it the fixture `db`"


@pytest.fixture
async def db(pool: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A transaction around the test, requests included, that is rolled back at its end."""
    monkeypatch.setattr(database, "Unit", UnitOfARequest)
    monkeypatch.setattr(database, "Reading", ReadingOfARequest)
    monkeypatch.setattr(database, "maintain", maintain)
    kept.forget_everything()
    async with rolled_back():
        yield


@pytest.fixture
def settings(tmp_path: Path, urls: Urls) -> Settings:
    return Settings(home=tmp_path, database_url=urls.web_url, blob_url=f"file://{tmp_path / 'blobs'}", port=0)


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return open_vault(settings)


@pytest.fixture
def nudges() -> Iterator[Nudges]:
    recording = Nudges()
    queue.use(recording)  # type: ignore[arg-type]
    yield recording
    queue.use(None)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, urls: Urls) -> Litestar:
    """The application of the whole run: to make it takes longer than most tests."""
    home = tmp_path_factory.mktemp("application")
    settings = Settings(home=home, database_url=urls.web_url, blob_url=f"file://{home / 'blobs'}", port=0)
    return create_app(settings, with_database=False)


@pytest.fixture
def app(made_once: Litestar, settings: Settings, vault: Vault, nudges: Nudges) -> Litestar:
    """The application, using the test's own transaction and files."""
    mail.use(settings.public_url)
    made_once.state.settings = settings
    made_once.state.vault = vault
    keyring.use(vault.master)
    return made_once


@pytest.fixture
async def sign_in(app: Litestar, settings: Settings, db: None) -> AsyncIterator[SignIn]:
    """Gives a browser in which that person (by e-mail) is signed in."""
    opened: list[Browser] = []

    async def open_browser(email: str) -> Browser:
        browser = Browser(app, settings, await session_for(email, settings))
        opened.append(browser)
        return browser

    yield open_browser
    for browser in opened:
        with suppress(RuntimeError):
            await browser.client.aclose()


@pytest.fixture
def nobody(app: Litestar, settings: Settings, db: None) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app, settings)


@pytest.fixture
async def asha(sign_in: SignIn) -> Browser:
    """Authorised Person of Brightwatt, a supplier."""
    return await sign_in("asha@brightwatt.example")


@pytest.fixture
async def ben(sign_in: SignIn) -> Browser:
    """Asha's colleague."""
    return await sign_in("ben@brightwatt.example")


@pytest.fixture
async def mo(sign_in: SignIn) -> Browser:
    """Brightwatt's Master Admin User."""
    return await sign_in("mo@brightwatt.example")


@pytest.fixture
async def olga(sign_in: SignIn) -> Browser:
    """Clearvolt's Master Admin User."""
    return await sign_in("olga@clearvolt.example")


@pytest.fixture
async def cleo(sign_in: SignIn) -> Browser:
    """Authorised Person of Calder, another supplier."""
    return await sign_in("cleo@calder.example")


@pytest.fixture
async def nils(sign_in: SignIn) -> Browser:
    """Authorised Person of Northgrid, a distributor."""
    return await sign_in("nils@northgrid.example")


@pytest.fixture
async def otto(sign_in: SignIn) -> Browser:
    """The outsider: a supplier who has no part in anything."""
    return await sign_in("otto@clearvolt.example")


@pytest.fixture
async def mei(sign_in: SignIn) -> Browser:
    """Of a metering firm, which has no access to the portal."""
    return await sign_in("mei@fieldline.example")


@pytest.fixture
async def carys(sign_in: SignIn) -> Browser:
    """The Code Manager."""
    return await sign_in("carys@codemanager.example")


@pytest.fixture
async def piet(sign_in: SignIn) -> Browser:
    """The provider."""
    return await sign_in("piet@provider.example")
