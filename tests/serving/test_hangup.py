"""SIGHUP ends nothing: without TLS it means nothing, and it waits where nobody is there yet to take it."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sdes.serving.listening import checked, listen
from sdes.serving.processes import _Process
from sdes.settings import Settings
from tests.browser.sites import free_port, until
from tests.serving.serving import Web


def test_without_tls_it_means_nothing(tmp_path: Path) -> None:
    with Web(tmp_path) as web:
        web.send(signal.SIGHUP)
        for _ in range(3):
            assert web.ask()["pid"] == web.pid


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[_Process, int]]:
    """One of several, with its port; not yet started."""
    for name in [name for name in os.environ if name.startswith(("SDES_", "DATABASE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SDES_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["src", "."]))
    port = free_port()
    listening = listen(checked(replace(Settings(tmp_path), port=port)), 1)[0]
    made = _Process("tests.serving.bare:make", [listening.fileno()], tmp_path, 10)
    yield made, port
    made.stop()
    listening.close()


def test_one_that_only_begins_is_not_ended(process: tuple[_Process, int], tmp_path: Path) -> None:
    one, port = process
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    one.start()
    one.send(signal.SIGHUP)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before, "the one above goes on hearing it"
    web = Web(tmp_path)
    web.port = port
    assert web.ask()["pid"], "whoever waits at its door is answered"
    until(one.is_running, "it runs", 1)
