"""Health as a load balancer asks for it: alive, ready, missing something, or not ready, and why."""

from pathlib import Path

import asyncpg
import pytest
from litestar import Litestar

from sdes.attachments.vault import Vault
from sdes.kit import db as database
from sdes.kit import keyring
from sdes.settings import Settings
from sdes.status import readiness, scanning
from sdes.status.readiness import Readiness
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def nothing_kept(app: Litestar) -> None:
    app.state.readiness = Readiness()


async def test_a_process_that_answers_is_alive_whatever_else_is_away(nobody: Browser, settings: Settings) -> None:
    _lose_the_store(settings)
    answer = await nobody.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_ready_with_every_part(nobody: Browser, vault: Vault) -> None:
    answer = await nobody.get("/health/ready")
    assert answer.status_code == 200
    assert {answer.json()["parts"][part] for part in ("database", "store", "keys")} == {"Working"}


async def test_not_ready_without_the_store_of_files(nobody: Browser, settings: Settings) -> None:
    _lose_the_store(settings)
    answer = await nobody.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["status"] == "not ready"
    assert answer.json()["parts"]["store"] == "The store of files does not answer."


async def test_not_ready_before_the_migration(nobody: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "migration_of_the_code", lambda: "9999")
    answer = await nobody.get("/health/ready")
    assert answer.status_code == 503
    assert "migration 9999" in answer.json()["parts"]["database"]


async def test_ready_beside_a_newer_migration(nobody: Browser, db: None) -> None:
    """The next release migrates first; the processes of this one serve on."""
    await database.fetch("INSERT INTO migration (name, app_name, ran_on) VALUES ('9999', 'sdes', now())")
    assert (await nobody.get("/health/ready")).status_code == 200


async def test_not_ready_without_the_master_key(nobody: Browser) -> None:
    keyring.use(None)
    answer = await nobody.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["keys"] == "The master key is not there."


async def test_not_ready_without_the_database(vault: Vault, pool: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens where the pool connects to."""
    away = await asyncpg.create_pool("postgresql://sdes_web@127.0.0.1:1/sdes", min_size=0, max_size=1)
    monkeypatch.setattr(database.DB, "pool", away)
    found = await readiness.look(vault)
    await away.close()
    assert not found.is_ready
    assert found.parts["database"] == ("failed", "The database does not answer.")


async def test_without_the_scanner_files_wait_and_the_rest_is_served(
    nobody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "_seen", [scanning.look(Path("/nowhere/clamd"), Path("/nowhere"))])
    answer = await nobody.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["parts"]["scanner"] == "Not answering"


async def test_asking_often_looks_once(nobody: Browser, settings: Settings) -> None:
    first = await nobody.get("/health/ready")
    _lose_the_store(settings)
    assert (await nobody.get("/health/ready")).json() == first.json()


def _lose_the_store(settings: Settings) -> None:
    folder = Path(settings.blob_url.removeprefix("file://"))
    folder.rename(folder.with_name("gone"))
