"""The page to run the yearly continuity test from: its commands are the program's (SD 7.2)."""

from pathlib import Path

import pytest

from sdes import cli
from sdes.settings import load
from tests.support.continuity import PAGE, commands


def test_every_command_is_one_that_there_is() -> None:
    for command in commands():
        cli._commands().parse_args(command)  # ends the test where it is not understood
    assert {command[0] for command in commands()} == {"backup", "backups", "restore"}


def test_every_command_of_backups_stands_on_the_page() -> None:
    verbs = {tuple(word for word in command[:2] if word.isalpha()) for command in commands()}
    assert verbs == {("backup",), ("backups", "list"), ("backups", "verify"), ("restore",)}
    assert any("--deletions" in command for command in commands())


def test_backups_are_kept_for_as_long_as_the_page_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SDES_HOME", str(tmp_path))
    monkeypatch.delenv("SDES_BACKUP_KEEP_DAYS", raising=False)
    assert f"older than {load().backup_keep.days} days" in PAGE.read_text()
    monkeypatch.setenv("SDES_BACKUP_KEEP_DAYS", "7")
    assert load().backup_keep.days == 7
