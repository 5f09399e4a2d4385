"""What `sdes backup` tells whoever runs it of the backups that it removes."""

import shutil
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jobs.backup import backup_take
from sdes.backup.taking import take
from sdes.kit import clock, true_clock
from sdes.kit.true_clock import Steadiness
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


@pytest.mark.anyio
@pytest.mark.parametrize("wrong", ["differs", "jumped", None])
async def test_by_a_wrong_clock_one_is_taken_and_none_removed(
    wrong: str | None, put_by: Path, lived_in: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, steady, true_time = tmp_path / "shelf", Steadiness(), time.time
    shutil.copytree(put_by.parent, shelf)
    old = (shelf / put_by.name).rename(shelf / f"20200101T010000Z-{put_by.name[-6:]}")
    monkeypatch.setattr(clock, "_goes_by", [])
    monkeypatch.setattr(true_clock, "_noted", [timedelta(0)])
    monkeypatch.setattr(true_clock, "_steadiness", steady)
    for name, value in lived_in.environment.items():
        monkeypatch.setenv(name, value)
    async with lived_in.entered():
        if wrong == "differs":
            monkeypatch.setattr(time, "time", lambda: true_time() + 3600)
            await take(lived_in.vault, lived_in.owner_url, shelf)
        else:  # by the worker, which alone has seen it
            steady.look(true_time() - (3600 if wrong else 0), clock.counted())
            await backup_take({"settings": replace(lived_in.settings, backup_to=shelf)})
    assert len(list(shelf.glob("*/manifest.json"))) == (2 if wrong else 1)
    assert old.exists() == bool(wrong)
    (run,) = lived_in.rows("SELECT problem FROM backup ORDER BY id DESC LIMIT 1")
    assert ("clock of the machine" in run["problem"]) == bool(wrong)
