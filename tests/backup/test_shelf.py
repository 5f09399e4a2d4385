"""Backups on their shelf: only whole ones count, one run at a time writes, and what is too old goes."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sdes.backup.manifest import Damaged, proven
from sdes.backup.parts import opened
from sdes.backup.shelf import FILES, MARK, Shelf, existing, lines, refuse_store_among_backups, shelf_of, too_old
from sdes.backup.shelf import opened as opened_shelf
from sdes.kit import clock
from sdes.kit.crypto import CHUNK, MasterKey
from sdes.kit.errors import Refused
from tests.support.backups import MASTER, put_by

pytestmark = pytest.mark.anyio

OTHER = MasterKey("theirs", bytes(range(32)))
NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)


async def made(shelf: Path, taken_at: datetime = NOW) -> Path:
    """A whole backup of nothing but a part of words."""
    return await put_by(shelf, taken_at, {"words": [b"wombat " * CHUNK, b"quokka"]})


@pytest.mark.spec("SD 8.3")
async def test_a_part_is_sealed_and_reads_as_it_was(shelf: Path) -> None:
    backup = await made(shelf)
    assert b"wombat" not in (backup / "words").read_bytes()
    manifest, keys = proven(backup, MASTER)
    assert (
        b"".join(opened(backup / "words", keys.of("words"), manifest.parts["words"])) == b"wombat " * CHUNK + b"quokka"
    )


@pytest.mark.parametrize("harm", ["flipped", "cut", "longer", "gone", "chunks swapped"])
async def test_a_part_that_was_altered_is_refused(harm: str, shelf: Path) -> None:
    backup = await made(shelf)
    path, whole = backup / "words", (backup / "words").read_bytes()
    step = CHUNK + 16
    harmed = {
        "flipped": whole[:-1] + bytes([whole[-1] ^ 1]),
        "cut": whole[:step],
        "longer": whole + b"!",
        "gone": b"",
        "chunks swapped": whole[step : 2 * step] + whole[:step] + whole[2 * step :],
    }[harm]
    path.write_bytes(harmed)
    if harm == "gone":
        path.unlink()
    manifest, keys = proven(backup, MASTER)
    with pytest.raises(Damaged, match=rf"The backup {backup.name} is damaged: its part words"):
        for _ in opened(path, keys.of("words"), manifest.parts["words"]):
            pass


@pytest.mark.parametrize(
    ("name", "value"),
    [("rows", {"message": 4}), ("taken_at", "2026-11-03T01:00:00+00:00"), ("migration", "0001"), ("files", 9)],
)
async def test_a_manifest_that_was_altered_is_refused(name: str, value: object, shelf: Path) -> None:
    backup = await made(shelf)
    told = json.loads((backup / "manifest.json").read_text())
    (backup / "manifest.json").write_text(json.dumps({**told, name: value}))
    with pytest.raises(Damaged, match="its manifest was altered"):
        proven(backup, MASTER)


async def test_a_backup_under_another_name_is_refused(shelf: Path) -> None:
    """An old one must not pass for a new one."""
    backup = await made(shelf)
    other = backup.rename(shelf / "20261203T010000Z-000000")
    with pytest.raises(Damaged, match="key cannot be opened"):
        proven(other, MASTER)


async def test_another_master_key_is_told_in_words(shelf: Path) -> None:
    with pytest.raises(Refused, match="made with the master key ours, and this one is theirs"):
        proven(await made(shelf), OTHER)


async def test_another_format_is_refused(shelf: Path) -> None:
    backup = await made(shelf)
    told = json.loads((backup / "manifest.json").read_text())
    (backup / "manifest.json").write_text(json.dumps({**told, "format": 2}))
    with pytest.raises(Refused, match="of format 2"):
        proven(backup, MASTER)


@pytest.mark.parametrize("words", ["", "{", "[]", '"backup"', "null"])
async def test_a_manifest_that_is_none_is_refused(words: str, shelf: Path) -> None:
    backup = await made(shelf)
    (backup / "manifest.json").write_text(words)
    with pytest.raises(Refused):
        proven(backup, MASTER)
    assert "damaged" in "".join(lines(existing(shelf)))


async def test_what_was_cut_off_is_no_backup_and_is_taken_away(shelf: Path) -> None:
    whole = await made(shelf)
    with opened_shelf(shelf) as one:
        _, draft = one.begin(NOW)
        (draft / "words").write_bytes(b"half")
        (shelf / ".removing-20261001T010000Z-aaaaaa").mkdir()
        assert one.backups() == [whole]
    with pytest.raises(Refused, match="There is no backup"):
        shelf_of(draft)
    with opened_shelf(shelf) as one:
        one.clear()
    assert sorted(path.name for path in shelf.iterdir()) == [".lock", whole.name, "files"]


async def test_two_runs_do_not_write_on_one_shelf(shelf: Path) -> None:
    with opened_shelf(shelf), pytest.raises(Refused, match="Another backup is being written"), opened_shelf(shelf):
        pass
    with opened_shelf(shelf):
        pass


async def test_what_is_too_old_goes_but_never_the_newest(shelf: Path) -> None:
    backups = [await made(shelf, NOW + timedelta(days=days)) for days in (0, 10, 40)]
    for days, gone in ((31, 1), (41, 2), (400, 2)):
        with clock.at(NOW + timedelta(days=days, minutes=1)):
            assert too_old(Shelf(shelf), timedelta(days=30)) == backups[:gone]
    with clock.at(NOW + timedelta(days=30)):
        assert too_old(Shelf(shelf), timedelta(days=30)) == [], "exactly 30 days are not older than 30 days"
    Shelf(shelf).remove(backups[0])
    assert Shelf(shelf).backups() == backups[1:]


@pytest.mark.spec("SD 14.4")
async def test_a_damaged_backup_goes_in_its_time_and_keeps_no_other(shelf: Path) -> None:
    backups = [await made(shelf, NOW + timedelta(days=days)) for days in (0, 1, 2, 40)]
    (backups[0] / "manifest.json").write_text("{")
    (backups[1] / "manifest.json").unlink()
    (shelf / "20269999T010000Z-aaaaaa").mkdir()  # nobody's moment
    with clock.at(NOW + timedelta(days=41)):
        assert too_old(Shelf(shelf), timedelta(days=30)) == backups[:3]


async def test_a_folder_whose_files_are_somebody_elses_is_refused(shelf: Path) -> None:
    (shelf / FILES).mkdir(parents=True)
    with opened_shelf(shelf) as one:
        assert (one.files / MARK).is_file(), "an empty one is made ours, and so is one that was not there"
    (shelf / FILES / MARK).unlink()
    (shelf / FILES / "accounts.ods").write_bytes(b"of somebody")
    with pytest.raises(Refused, match=f"is not one of backups: {MARK} is missing"), opened_shelf(shelf):
        pass
    (shelf / FILES / MARK).touch()
    with opened_shelf(shelf):
        pass


@pytest.mark.parametrize(
    ("store", "is_refused"),
    [("shelf", True), ("shelf/files", True), ("shelf/store/x", True), (".", True), ("store", False), ("shelf2", False)],
)
def test_the_store_and_the_shelf_do_not_lie_in_one_another(store: str, is_refused: bool, tmp_path: Path) -> None:
    """Each would take away files of the other."""
    refuse_store_among_backups(Shelf(tmp_path / "shelf"), None)
    with pytest.raises(Refused, match="must not lie in one another") if is_refused else nullcontext():
        refuse_store_among_backups(Shelf(tmp_path / "shelf"), tmp_path / store)


async def test_the_list_says_how_old_and_how_large(shelf: Path) -> None:
    await made(shelf)
    with clock.at(NOW + timedelta(hours=26)):
        (line,) = lines(existing(shelf))
    assert "02 Nov 2026, 01:00:00  26 h old  7.3 MB, 0 files" in line


@pytest.mark.parametrize("path", ["nowhere", "20261102T010000Z-aaaaaa"])
def test_what_is_no_backup_is_told_in_words(path: str, shelf: Path) -> None:
    with pytest.raises(Refused, match="`sdes backups list FOLDER` shows the names"):
        shelf_of(shelf / path)
    with pytest.raises(Refused, match="There is no folder"):
        existing(shelf)
