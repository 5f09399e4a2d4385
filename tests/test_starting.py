"""Commands that cannot begin: they say why in a sentence that an operator can act upon, and end."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sdes import cli
from sdes import settings as environment
from sdes.embedded.refusal import CannotStart
from sdes.serving.options import refuse_unsettled
from sdes.settings import Settings

NOBODY = "postgresql://sdes_owner:se-cret@127.0.0.1:1/sdes"


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which nothing is set but the home."""
    for name in list(os.environ):
        if name.startswith(("SDES_", "DATABASE_", "BLOB_", "SMTP_")) or name == "PORT":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SDES_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("command", [["worker"], ["migrate"], ["backup", "/nowhere"], ["jobs", "run", "mail_sweep"]])
def test_what_needs_the_owner_s_login_asks_for_it(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(command) == 1
    assert capsys.readouterr().err == "Set DATABASE_OWNER_URL to the database's address with the owner's login.\n"


@pytest.mark.parametrize("command", [["worker"], ["migrate"], ["seed"], ["backup", "/nowhere"]])
def test_a_database_that_is_away_is_told_in_a_sentence(
    command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", NOBODY)
    assert cli.main(command) == 1
    told = capsys.readouterr().err
    assert told.startswith("The database does not take us in (Connect call failed")
    assert told.count("\n") == 1
    assert "se-cret" not in told


@pytest.mark.parametrize("url", ["nonsense", "postgresql://owner:se-cret@db:number/sdes"])
def test_an_address_that_is_none_is_told_without_its_password(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", url)
    assert cli.main(["migrate"]) == 1
    told = capsys.readouterr().err
    assert "See that it runs and that DATABASE_OWNER_URL is its address" in told
    assert "se-cret" not in told


def test_the_web_application_asks_for_its_database_before_it_starts_processes() -> None:
    command = [sys.executable, "-m", "sdes", "web", "--processes", "2"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "Set DATABASE_URL to the database's address with the login sdes_web.\n"


def test_others_are_served_only_under_an_address_of_theirs(tmp_path: Path) -> None:
    here = Settings(tmp_path, database_url="postgresql://db/sdes", https=True, public_url="https://localhost:8000")
    certificate = tmp_path / "cert.pem"
    for one in (
        replace(here, proxies=("10.0.0.5",)),
        replace(here, tls_cert=certificate, host="0.0.0.0"),
        replace(here, tls_cert=certificate, host="::"),
    ):
        with pytest.raises(CannotStart, match="Set SDES_PUBLIC_URL to the address at which people find"):
            refuse_unsettled(one)
        refuse_unsettled(replace(one, public_url="https://sdes.example"))
    refuse_unsettled(replace(here, tls_cert=certificate))  # on loopback only


@pytest.mark.parametrize("days", ["0", "3651", "36500000000"])
def test_backups_are_kept_for_days_that_can_be_kept(days: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDES_BACKUP_KEEP_DAYS", days)
    with pytest.raises(SystemExit, match=f"SDES_BACKUP_KEEP_DAYS must be a whole number from 1 to 3650, not {days}"):
        environment.load()


def test_a_backup_is_kept_for_a_day_at_least_and_ten_years_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    for days in ("1", "3650"):
        monkeypatch.setenv("SDES_BACKUP_KEEP_DAYS", days)
        assert environment.load().backup_keep.days == int(days)
