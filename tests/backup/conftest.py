"""Houses of the tests of backups: one that is lived in, and empty ones."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from sdes.embedded.postgres import EmbeddedPostgres
from tests.support.houses import KEY, House, empty_house

_numbers = count()

Build = Callable[..., House]


@pytest.fixture(scope="session")
def lived_in(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo world, with its files: for tests that leave it as it is."""
    home = tmp_path_factory.mktemp("houses") / "lived-in"
    with empty_house(f"lived_in_{next(_numbers)}", home, postgres) as house:
        house.sdes("migrate")
        house.sdes("seed", "--demo")
        yield house


@pytest.fixture
def build(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Build]:
    """Builds an empty house, with the same master key unless another is given."""
    with ExitStack() as stack:

        def empty(key: bytes = KEY) -> House:
            number = next(_numbers)
            return stack.enter_context(empty_house(f"empty_{number}", tmp_path / f"house-{number}", postgres, key))

        yield empty


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "shelf"
