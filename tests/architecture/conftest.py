"""Fixtures of the architecture tests: matter of two pairs of companies that have nothing to do with each other."""

import pytest

from tests.architecture.matter import Matter, exchanged
from tests.support.people import Browser


@pytest.fixture
async def matter(asha: Browser, nils: Browser) -> Matter:
    """Between Brightwatt (Asha) and Northgrid (Nils)."""
    return await exchanged(asha, "BRWT", nils, "NORG")


@pytest.fixture
async def other_matter(cleo: Browser, otto: Browser) -> Matter:
    """Between Calder (Cleo) and Clearvolt (Otto)."""
    return await exchanged(cleo, "CALD", otto, "CLRV")
