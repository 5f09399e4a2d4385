"""A house put by and built up again: everything is there, and what must not come back is not (SD 7.2)."""

import hashlib
from pathlib import Path

import pytest

from tests.backup.conftest import Build
from tests.support.houses import House

pytestmark = pytest.mark.anyio


async def test_there_and_back(lived_in: House, build: Build, shelf: Path) -> None:
    print(lived_in.sdes("backup", shelf))
    print(lived_in.sdes("backups", "list", shelf))
    (backup,) = [one for one in shelf.iterdir() if (one / "manifest.json").exists()]
    print((backup / "manifest.json").read_text())
    print(lived_in.sdes("backups", "verify", backup))
    second = build()
    print(second.sdes("restore", backup))
    before, after = lived_in.counts(), second.counts()
    print({name: (before.get(name), after.get(name)) for name in before | after if before.get(name) != after.get(name)})
    assert 0
