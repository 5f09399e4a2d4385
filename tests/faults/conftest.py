"""One house for all faults: each test breaks a part of it and leaves it whole."""

from collections.abc import Iterator

import pytest

from tests.faults.checking import Checker
from tests.faults.house import House, house
from tests.faults.numbered import Numbered


@pytest.fixture(scope="session")
def the_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def broken(the_house: House) -> Iterator[House]:
    """The house, whole at the beginning, and looked through at the end."""
    the_house.goes_on()
    yield the_house
    the_house.goes_on()


@pytest.fixture
def numbered(the_house: House) -> Iterator[Numbered]:
    """People who send numbered messages with files, and write down what was acknowledged. At the test's end they send
    what is not acknowledged yet, and everything is looked at."""
    made = Numbered(the_house)
    yield made
    made.stop()
    Checker(the_house).look_at(made)
