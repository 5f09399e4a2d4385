"""Backups on their shelf: only whole ones count, one run at a time writes, and what is too old goes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sdes.backup.files import File, as_lines, forget, from_lines, take
from sdes.backup.manifest import Damaged, Manifest, new_keys, proven, write
from sdes.backup.parts import opened, seal
from sdes.backup.shelf import Shelf, existing, lines, shelf_of, too_old
from sdes.backup.shelf import opened as opened_shelf
from sdes.kit import clock
from sdes.kit.blobstores import open_store
from sdes.kit.crypto import CHUNK, MasterKey
from sdes.kit.errors import Refused

pytestmark = pytest.mark.anyio

MASTER, OTHER = MasterKey("ours", bytes(32)), MasterKey("theirs", bytes(range(32)))
NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)


async def pieces(*some: bytes):  # type: ignore[no-untyped-def]
    for one in some:
        yield one


async def made(shelf: Path, taken_at: datetime = NOW) -> Path:
    """A whole backup of nothing but a part of words."""
    with opened_shelf(shelf) as opened_one:
        name, draft = opened_one.begin(taken_at)
        keys = new_keys(MASTER, name)
        part = await seal(draft / "words", keys.of("words"), pieces(b"wombat " * CHUNK, b"quokka"))
        times = {"taken_at": taken_at, "finished_at": taken_at}
        versions = {"migration": "0020", "postgres": 18, "dumped_by": 18, "key_id": MASTER.id}
        counts = {"rows": {"message": 3}, "files": 0, "files_size": 0, "missing": 0}
        manifest = Manifest(name=name, wrapped_key=keys.wrapped, parts={"words": part}, **times, **versions, **counts)
        write(draft, manifest, keys)
        return opened_one.complete(name, draft)


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


async def test_the_list_says_how_old_and_how_large(shelf: Path) -> None:
    await made(shelf)
    with clock.at(NOW + timedelta(hours=26)):
        (line,) = lines(existing(shelf))
    assert "02 Nov 2026, 01:00:00  26 h old  7.3 MB, 0 files" in line


async def test_files_are_copied_once_and_forgotten_together(tmp_path: Path) -> None:
    blobs, folder = open_store(str(tmp_path / "blobs")), tmp_path / "files"
    folder.mkdir()
    for key in ("ab/abcd", "cd/cdef"):
        async with blobs.writer(key) as blob:
            await blob.write(b"sealed " + key.encode())
    wanted = [File("ab/abcd", 14), File("cd/cdef", 14), File("ef/lost", 14), File("cd/cdef", 99)]
    taken = await take(blobs, wanted, folder, {})
    assert [bool(file.sha256) for file in taken] == [True, True, False, False]
    known = {file.key: file for file in taken[:2]}
    (folder / "ab/abcd").write_bytes(b"not again read")
    again = await take(blobs, wanted[:2], folder, known)
    assert (folder / "ab/abcd").read_bytes() == b"not again read", "what lies there is not copied again"
    assert again == taken[:2]
    (folder / "ab/abcd").write_bytes(b"short")
    assert await take(blobs, wanted[:2], folder, known) == taken[:2]
    assert (folder / "ab/abcd").read_bytes() == b"sealed ab/abcd", "what is not as long as it was is copied anew"
    assert from_lines([line async for line in as_lines(taken)]) == taken
    assert forget(folder, {"ab/abcd"}) == 1
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["abcd"]


@pytest.mark.parametrize("path", ["nowhere", "20261102T010000Z-aaaaaa"])
def test_what_is_no_backup_is_told_in_words(path: str, shelf: Path) -> None:
    with pytest.raises(Refused, match="`sdes backups list FOLDER` shows the names"):
        shelf_of(shelf / path)
    with pytest.raises(Refused, match="There is no folder"):
        existing(shelf)
