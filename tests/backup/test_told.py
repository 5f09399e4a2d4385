"""What `sdes backup` tells whoever runs it of the backups that it removes."""

import shutil
from pathlib import Path

import pytest

from tests.support.houses import House

pytestmark = [pytest.mark.drill]


def test_each_backup_that_is_removed_is_told(put_by: Path, lived_in: House, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shutil.copytree(put_by.parent, shelf)
    old = f"20200101T010000Z-{put_by.name[-6:]}"
    (shelf / put_by.name).rename(shelf / old)
    said = lived_in.sdes("backup", shelf, "--keep-days", "40").splitlines()
    assert said[1:] == [f"{old} was older than 40 days and has been removed."]
    assert not (shelf / old).exists()
    assert len(lived_in.sdes("backup", shelf).splitlines()) == 1
