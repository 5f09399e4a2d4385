"""Jobs by hand beside `sdes run`: they tell what they did, and their mails are those of the site that runs."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from jobs import by_hand
from sdes import mail
from sdes.embedded.left_behind import as_it_runs, leave_address
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.kit import clock, db, restoring
from sdes.kit.errors import Refused
from sdes.settings import Settings
from tests.support.administration import BEN, id_of

ADDRESS = "http://localhost:8123"


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The environment of whoever works by hand at the database of an `sdes run` that was at another port."""
    url = EmbeddedPostgres(tmp_path).url("sdes_owner", "sdes")
    for name in ("SDES_PUBLIC_URL", "PORT", "SDES_DEMO", "SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SDES_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_OWNER_URL", url)
    leave_address(Settings(tmp_path, public_url=ADDRESS))
    monkeypatch.setattr(mail, "_site", ["http://localhost:8000"])
    return Settings(tmp_path, database_owner_url=url)


@pytest.mark.anyio
@pytest.mark.usefixtures("running", "db")
async def test_a_drill_tells_what_it_did_and_its_mails_go_to_the_demo(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    ben = await id_of(BEN)
    await by_hand.run("accounts_inactivity", at=clock.now() + timedelta(days=86))
    assert [line for line in caplog.messages if ": reminded " in line and f"person {ben}" in line]
    await by_hand.run("accounts_inactivity", at=clock.now() + timedelta(days=94))
    assert [line for line in caplog.messages if ": deleted " in line and f"person {ben}" in line]
    assert "Ben" not in caplog.text, "no personal data in logs"
    await by_hand.run("mail_sweep")
    kept = await db.fetch("SELECT text FROM demo_mail WHERE to_address = $1", BEN)
    assert len(kept) == 1
    assert f"\n{ADDRESS}/sign-in\n" in kept[0]["text"]


@pytest.mark.anyio
@pytest.mark.usefixtures("running", "db")
async def test_no_job_runs_in_a_house_that_is_half_restored() -> None:
    """It would send mails that are not yet void."""
    await restoring.set_mark()
    with pytest.raises(Refused, match="A restore into this database is under way"):
        await by_hand.run("mail_sweep")


def test_at_another_database_nothing_is_assumed(running: Settings, tmp_path: Path) -> None:
    other = Settings(tmp_path, database_owner_url="postgresql://sdes_owner@db.example/sdes")
    assert as_it_runs(other) == other
    assert (as_it_runs(running).public_url, as_it_runs(running).demo) == (ADDRESS, True)


def test_what_the_environment_says_counts(running: Settings, tmp_path: Path) -> None:
    named = Settings(tmp_path, database_owner_url=running.database_owner_url, public_url="https://sdes.example")
    assert as_it_runs(named).public_url == "https://sdes.example"
    (tmp_path / "public-url").unlink()
    assert as_it_runs(running).public_url == "http://localhost:8000"
