"""Fixtures of serving: a certificate, and a web application over TLS for those who only look at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.serving import Pair, Web


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


@pytest.fixture(scope="session")
def served_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The certificate of `over_tls`."""
    return Pair(tmp_path_factory.mktemp("pair"))


@pytest.fixture(scope="session")
def over_tls(served_pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A bare application over TLS."""
    with Web(tmp_path_factory.mktemp("over_tls"), *served_pair.options) as web:
        yield web
