"""The house that is measured: it hears nothing of the operator's own settings."""

from pathlib import Path

import pytest

from bench import house
from bench.house import House
from sdes.embedded.child import Child
from sdes.embedded.postgres import Urls

OPERATORS = ("BLOB_URL", "BLOB_ACCOUNT_KEY", "SMTP_URL", "MAIL_FROM", "CLAMD_SOCKET", "PORT", "SDES_MASTER_KEY")


class Asked(Exception):
    """Instead of a start."""


def test_a_measured_program_is_given_none_of_the_operator_s_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, str] = {}

    def note(name: str, command: list[str], log: Path, environment: dict[str, str]) -> Child:
        given.update(environment)
        raise Asked

    for name in OPERATORS:
        monkeypatch.setenv(name, "the operator's")
    monkeypatch.setattr(house, "Child", note)
    with pytest.raises(Asked), House(tmp_path, Urls("owner", "web")).serving("web", "sdes.app:create_app"):
        pass
    assert given["DATABASE_URL"] == "web"
    assert given["PATH"]
    assert "the operator's" not in given.values()
