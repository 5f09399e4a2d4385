"""A real clamd for the tests of attachments."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sdes.attachments.scanner import Scanner
from sdes.embedded.clamd import EmbeddedClamd


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedClamd]:
    """A running clamd with our own test signatures, the same on every machine."""
    with EmbeddedClamd(tmp_path_factory.mktemp("clamd"), official=Path("/nowhere")) as running:
        yield running


@pytest.fixture
def scanner(clamd: EmbeddedClamd) -> Scanner:
    return Scanner(clamd.socket)
