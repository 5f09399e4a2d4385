"""What is not restored: a backup that is not whole, of another key or a later version; and nothing is changed then."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from sdes.backup import manifest as manifests
from sdes.backup import restoring
from sdes.backup.checking import checked
from sdes.backup.manifest import Damaged, proven, write
from sdes.backup.shelf import MARK
from tests.backup.conftest import Build
from tests.support.houses import House

pytestmark = [pytest.mark.anyio, pytest.mark.drill]


@pytest.fixture
def copy(put_by: Path, tmp_path: Path) -> Path:
    """A backup that may be harmed."""
    shutil.copytree(put_by.parent, tmp_path / "copy")
    return tmp_path / "copy" / put_by.name


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize("harm", [flip, cut, Path.unlink])
async def test_every_file_of_a_backup_is_checked(harm: Callable[[Path], None], copy: Path, lived_in: House) -> None:
    """One after the other is harmed, and put right again."""
    await checked(copy, lived_in.vault.master)
    whole = [path for path in copy.parent.rglob("*") if path.is_file() and path.name not in (".lock", MARK)]
    assert len(whole) == 4 + 1 + 41, "parts, manifest, files"
    for path in whole:
        content = path.read_bytes()
        harm(path)
        if path.name == "manifest.json" and harm is Path.unlink:
            assert copy not in manifests_on(copy.parent)
        else:
            with pytest.raises(Damaged):
                await checked(copy, lived_in.vault.master)
        path.write_bytes(content)
    await checked(copy, lived_in.vault.master)


def manifests_on(shelf: Path) -> list[Path]:
    return [path.parent for path in shelf.glob("*/manifest.json")]


async def test_what_is_refused_changes_nothing(copy: Path, lived_in: House, build: Build, tmp_path: Path) -> None:
    house, stranger, keyless = build(), build(bytes(32)), build()
    (keyless.home / "master.key").unlink()
    said = stranger.refused("restore", copy)
    assert "was made with the master key" in said
    assert "Put the right key in place" in said
    assert "There is no master key" in keyless.refused("restore", copy)
    assert "There is no backup" in house.refused("restore", copy.parent)

    later(copy, lived_in)
    assert "is of a later version (its database has the migration 9999" in house.refused("restore", copy)
    flip(next((copy.parent / "files").glob("*/*")))
    assert f"The backup {copy.name} is damaged: 1 of its 41 files are lost or altered" in house.refused("restore", copy)
    cut(copy / "database")
    assert "its part database is not as long as it was" in house.refused("restore", copy)
    assert "its part database is not as long as it was" in house.refused("backups", "verify", copy)

    for one in (house, stranger, keyless):
        assert one.counts() == {}, "not a table"
        assert [path for path in one.home.rglob("*") if path.is_file() and "blobs/" in str(path)] in (
            [],
            [one.blobs / "this-is-the-store-of-attachments"],
        )
        assert one.rows("SELECT to_regnamespace('sdes_restore') AS mark") == [{"mark": None}]
    assert not (keyless.home / "master.key").exists(), "no key is made that opens nothing"


def later(backup: Path, house: House) -> None:
    """Makes it a backup of a version that is still to come."""
    found, keys = proven(backup, house.vault.master)
    write(backup, manifests.Manifest(**{**found.__dict__, "migration": "9999"}), keys)
    assert json.loads((backup / "manifest.json").read_text())["migration"] == "9999"


async def test_files_that_the_store_has_lost_are_told(
    lived_in: House, build: Build, shelf: Path, tmp_path: Path
) -> None:
    """They keep nobody from a backup, and stand as failed after a restore: nobody waits for them for ever."""
    store, house = tmp_path / "store", build()
    shutil.copytree(lived_in.blobs, store)
    lost, short = sorted(path for path in store.glob("*/*") if path.parent.name != "deletions")[:2]
    lost.unlink()
    cut(short)
    said = lived_in.sdes("backup", shelf, BLOB_URL=f"file://{store}")
    assert "39 files, 2 files missing" in said
    (run,) = lived_in.rows("SELECT * FROM backup ORDER BY id DESC LIMIT 1")
    assert (run["problem"], run["files"]) == ("2 files were not in the store.", 39)
    said = house.sdes("restore", shelf / run["name"], "--as-it-was")
    assert "2 files are not in the backup and stand as failed." in said
    failed = house.rows("SELECT blob, reason FROM attachment WHERE reason LIKE '%restored from a backup%'")
    assert {row["blob"] for row in failed} == {str(path.relative_to(store)) for path in (lost, short)}
    assert len(await house.contents()) == 39


async def test_damaged_files_are_left_out_where_that_is_asked_for(copy: Path, lived_in: House, build: Build) -> None:
    """What the store has still is not lost; the others stand as failed."""
    house = build()
    kept, lost, short = sorted((copy.parent / "files").glob("*/*"))[:3]
    (house.blobs / kept.parent.name).mkdir(parents=True)
    shutil.copy(kept, house.blobs / kept.parent.name)  # alone: another of the three may lie beside it
    flip(kept)
    flip(lost)
    cut(short)
    assert "If there is none, `sdes restore --without-damaged-files` restores it" in house.refused("restore", copy)
    said = house.sdes("restore", copy, "--without-damaged-files", "--as-it-was")
    assert "2 files are not in the backup and stand as failed. 2 of them are lost or altered there." in said
    failed = house.rows("SELECT blob FROM attachment WHERE reason LIKE '%%restored from a backup%%'")
    assert {row["blob"] for row in failed} == {str(path.relative_to(copy.parent / "files")) for path in (lost, short)}
    assert len(await house.contents()) == 39


async def test_what_was_not_forgotten_is_told_with_the_backup(copy: Path, lived_in: House) -> None:
    cut(copy / "manifest.json")
    lived_in.sdes("backup", copy.parent)
    (run,) = lived_in.rows("SELECT * FROM backup ORDER BY id DESC LIMIT 1")
    assert run["problem"] == f"No files of old backups were removed, since these cannot be read: {copy.name}."
    assert (run["files"], run["finished_at"] is None) == (41, False), "the backup itself is whole"


async def test_no_backup_is_put_among_the_files_of_a_house(lived_in: House) -> None:
    before = {path for path in lived_in.blobs.rglob("*") if path.is_file()}
    assert "must not lie in one another" in lived_in.refused("backup", lived_in.blobs)
    assert {path for path in lived_in.blobs.rglob("*") if path.is_file()} == before


async def test_nobody_else_may_be_connected(put_by: Path, build: Build) -> None:
    """A worker, whose login is the owner's, would send mails that came back."""
    house = build()
    with psycopg.connect(house.owner_url):
        assert "1 other connections to this database" in house.refused("restore", put_by)
    assert house.counts() == {}


async def test_mails_are_void_before_anything_else_is_done(
    put_by: Path, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest takes long in a large house."""

    async def cut_off(_: str) -> None:
        raise RuntimeError("cut off")

    house = build()
    monkeypatch.setattr(restoring, "migrate", cut_off)
    async with house.entered():
        with pytest.raises(RuntimeError, match="cut off"):
            await restoring.restore(house.vault, house.owner_url, put_by, as_it_was=True)
    assert house.rows("SELECT 1 FROM mail WHERE given_up_at IS NOT NULL") != []
    assert house.rows("SELECT 1 FROM mail WHERE sent_at IS NULL AND given_up_at IS NULL") == []


async def test_a_house_that_is_lived_in_is_left_alone(put_by: Path, lived_in: House, build: Build) -> None:
    before = lived_in.counts()
    said = lived_in.refused("restore", put_by)
    assert "The database is not empty: it holds 8 companies. Nothing was changed." in said
    assert lived_in.counts() == before
    other = build()
    other.rows("CREATE TABLE somebody_elses (words text)")
    assert "tables that are not of SDES" in other.refused("restore", put_by)
    assert other.counts() == {"somebody_elses": 0}


async def test_a_freshly_migrated_database_counts_as_empty(put_by: Path, lived_in: House, build: Build) -> None:
    fresh = build()
    fresh.sdes("migrate")
    fresh.sdes("seed")
    fresh.sdes("restore", put_by, "--as-it-was")
    assert fresh.counts()["message"] == lived_in.counts()["message"] > 100
