"""Files on a shelf: each copied once, anew where it has rotted, and forgotten when no backup names it any more."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sdes.backup.checking import checked
from sdes.backup.files import File, as_lines, forget, from_lines, lacking, put_back, take
from sdes.backup.manifest import Damaged
from sdes.backup.shelf import FILES, MARK, Shelf, opened
from sdes.backup.taking import _forget
from sdes.kit import blobs as store
from sdes.kit import clock
from sdes.kit.blobs import Blobs
from sdes.kit.blobstores import open_store
from tests.support.backups import MASTER, put_by_with_files

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
ONE, TWO, LOST = (f"{start}/{start}{'0' * 30}" for start in ("ab", "cd", "ef"))
CONTENT = {ONE: b"sealed one", TWO: b"sealed two"}
SIZE = 10


@pytest.fixture
async def blobs(tmp_path: Path) -> Blobs:
    there = open_store(str(tmp_path / "blobs"))
    for key, content in CONTENT.items():
        async with there.writer(key) as blob:
            await blob.write(content)
    return there


@pytest.fixture
def folder(shelf: Path) -> Path:
    with opened(shelf) as one:
        return one.files


async def test_files_are_copied_once_and_anew_where_they_have_rotted(blobs: Blobs, folder: Path) -> None:
    wanted = [File(ONE, SIZE), File(TWO, SIZE), File(LOST, SIZE), File(TWO, 99)]
    taken = await take(blobs, wanted, folder, {})
    assert [bool(file.sha256) for file in taken] == [True, True, False, False]
    known = {file.key: file for file in taken[:2]}
    was = (folder / ONE).stat().st_ino
    assert await take(blobs, wanted[:2], folder, known) == taken[:2]
    assert (folder / ONE).stat().st_ino == was, "what lies there is not copied again"
    for harm in (b"short", b"sealed onf", None):
        (folder / ONE).unlink()
        if harm:
            (folder / ONE).write_bytes(harm)
        assert await take(blobs, wanted[:2], folder, known) == taken[:2]
        assert (folder / ONE).read_bytes() == CONTENT[ONE], harm
    assert from_lines([line async for line in as_lines(taken)]) == taken


async def test_a_full_store_is_read_from(blobs: Blobs, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that it has lost keeps nobody from a backup, least of all when there is no room."""
    monkeypatch.setattr(store, "_LEAST_ROOM", 1 << 62)
    assert await take(blobs, [File(LOST, SIZE)], folder, {}) == [File(LOST, SIZE)]


async def test_only_what_the_store_lacks_is_put_back(blobs: Blobs, folder: Path, tmp_path: Path) -> None:
    files = await take(blobs, [File(ONE, SIZE), File(TWO, SIZE)], folder, {})
    (tmp_path / "blobs" / TWO).write_bytes(b"sealed twp")
    assert await lacking(blobs, files) == files[1:]
    assert await put_back(blobs, files, folder) == 1
    assert await lacking(blobs, files) == []


async def test_only_what_is_ours_is_forgotten(blobs: Blobs, folder: Path) -> None:
    await take(blobs, [File(ONE, SIZE), File(TWO, SIZE)], folder, {})
    theirs = [folder / "ab" / "letter.odt", folder / "photos" / ("ab" * 16), folder / "ab" / ("cd" * 16)]
    for path in theirs:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"of somebody")
    (folder / f"{TWO}.new").write_bytes(b"half")
    assert forget(folder, {ONE}) == 2, "a file, and what a run that was cut off had begun"
    assert {path for path in folder.rglob("*") if path.is_file()} == {folder / ONE, folder / MARK, *theirs}


@pytest.mark.spec("SD 14.4")
async def test_files_go_with_the_last_backup_that_names_them(shelf: Path, folder: Path) -> None:
    older = await put_by_with_files(shelf, NOW, CONTENT)
    damaged = await put_by_with_files(shelf, NOW + timedelta(days=20), {})
    newest = await put_by_with_files(shelf, NOW + timedelta(days=40), {ONE: CONTENT[ONE]})
    (damaged / "manifest.json").write_text("{")
    with clock.at(NOW + timedelta(days=41)):
        said = _forget(Shelf(shelf), MASTER, timedelta(days=30))
    assert said == f"No files of old backups were removed, since these cannot be read: {damaged.name}."
    assert not older.exists(), "it goes although another cannot be read"
    assert (folder / TWO).exists(), "the one that cannot be read may name it"
    with clock.at(NOW + timedelta(days=51)):
        assert _forget(Shelf(shelf), MASTER, timedelta(days=30)) == ""
    assert Shelf(shelf).backups() == [newest]
    assert not damaged.exists()
    assert not (folder / TWO).exists()
    assert (folder / ONE).exists()


async def test_a_backup_is_read_without_its_damaged_files_where_that_is_asked_for(shelf: Path) -> None:
    backup = await put_by_with_files(shelf, NOW, CONTENT)
    (shelf / FILES / TWO).write_bytes(b"sealed twp")
    with pytest.raises(Damaged, match="--without-damaged-files"):
        await checked(backup, MASTER)
    found = await checked(backup, MASTER, without_damaged_files=True)
    assert [file.key for file in found.there] == [ONE]
    assert found.damaged == [File(TWO, SIZE, hashlib.sha256(CONTENT[TWO]).hexdigest())]
    (backup / FILES).write_bytes(b"")
    with pytest.raises(Damaged, match="its part files"):
        await checked(backup, MASTER, without_damaged_files=True)
