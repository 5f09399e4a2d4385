"""The application as in production, behind HTTPS, and the world with its secrets."""

from pathlib import Path

import pytest
from litestar import Litestar

from sdes.app import create_app
from sdes.embedded.postgres import Urls
from sdes.settings import Settings
from tests.fuzz.asking import HOST
from tests.fuzz.world import World, made
from tests.support.people import SignIn


@pytest.fixture
def settings(tmp_path: Path, urls: Urls) -> Settings:
    return _settings(tmp_path, urls)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory, urls: Urls) -> Litestar:
    return create_app(_settings(tmp_path_factory.mktemp("application"), urls), with_database=False)


@pytest.fixture
async def world(sign_in: SignIn, settings: Settings) -> World:
    return await made(sign_in, settings)


def _settings(home: Path, urls: Urls) -> Settings:
    return Settings(
        home=home,
        database_url=urls.web_url,
        blob_url=f"file://{home / 'blobs'}",
        public_url=f"https://{HOST}",
        https=True,
    )
