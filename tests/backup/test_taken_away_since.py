"""An older backup restored by the commands of docs/continuity.md: what was taken away since is taken away again, and a
backup that the worker takes is one like any other (SD 7.2, 2.6)."""

import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from sdes.backup import rolls
from sdes.backup.roll import called
from tests.backup.conftest import KEY_OF_A_PROGRAM, Build
from tests.support.houses import House

pytestmark = [pytest.mark.anyio, pytest.mark.drill]


@pytest.mark.spec("SD 7.2")
@pytest.mark.spec("SD 2.6")
async def test_what_was_taken_away_since_is_taken_away_again(put_by: Path, build: Build, tmp_path: Path) -> None:
    house = build()
    refused = house.refused("restore", put_by)
    assert "No roll tells what was taken away after the backup" in refused
    assert house.counts() == {}, "nothing is done yet"
    said = house.sdes("restore", put_by, "--as-it-was")
    assert "There was no roll, or it was not asked: whoever was deleted" in said
    assert counts(house) == (1, "active", True), "it counts, and they come in"
    house.rows("UPDATE api_key SET revoked_at = now()")
    house.rows("UPDATE person SET state = 'suspended' WHERE email_key = 'asha@brightwatt.example'")
    house.rows("UPDATE person SET password_hash = 'another' WHERE email_key = 'ben@brightwatt.example'")
    house.sdes("jobs", "run", "backup_keep_roll")

    beside = replace(build(), store=house.blobs)  # the database was lost, the store of files was not
    beside.sdes("migrate")  # somebody made it anew, and let a worker look at it
    beside.sdes("jobs", "run", "backup_keep_roll")
    said = beside.sdes("restore", put_by)
    assert "Taken away again, since it does not stand on the roll" in said
    assert "1 person suspended, 1 password void, 1 API key revoked." in said
    assert counts(beside) == (0, "suspended", False)
    (entry,) = beside.rows("SELECT * FROM audit_entry WHERE event = 'backup.access.withdrawn'")
    assert entry["subject"] == put_by.name

    as_it_was = replace(build(), store=house.blobs)
    assert "There was no roll, or it was not asked" in as_it_was.sdes("restore", put_by, "--as-it-was")
    assert counts(as_it_was) == (1, "active", True)

    house.rows("UPDATE person SET state = 'suspended'")
    house.sdes("jobs", "run", "backup_keep_roll")
    most = replace(build(), store=house.blobs)
    assert "would be suspended or deleted. Is it the right roll?" in most.refused("restore", put_by)
    assert most.counts() == {}
    most.sdes("restore", put_by, "--shut-out-most")
    assert most.rows("SELECT 1 FROM person WHERE state = 'active'") == []

    shelf = tmp_path / "shelf"  # where a later backup tells of it, and the store is lost as well
    shutil.copytree(put_by.parent, shelf)
    house.sdes("backup", shelf)
    told = await rolls.newest(shelf / put_by.name, build().vault)
    async with house.entered():
        assert told
        assert told == replace(await called(), at=told.at)


def counts(house: House) -> tuple[int, str, bool]:
    """How many companies the API key lets into, as the web's login finds it; Asha's state; whether Ben has a
    password."""
    web = House(house.home, house.web_url, house.web_url)
    found = web.rows("SELECT company_id FROM sdes_enter_by_key(%s, now(), 600)", sha256(KEY_OF_A_PROGRAM).digest())
    people = {row["email_key"].partition("@")[0]: row for row in house.rows("SELECT * FROM person")}
    return len(found), people["asha"]["state"], people["ben"]["password_hash"] != ""


@pytest.mark.spec("SD 7.2")
async def test_the_worker_takes_one_where_it_is_told_to(lived_in: House, build: Build, shelf: Path) -> None:
    (before,) = lived_in.rows("SELECT count(*) AS n FROM backup")
    lived_in.sdes("jobs", "run", "backup_take")
    assert lived_in.rows("SELECT count(*) AS n FROM backup") == [before], "nobody has named a folder"
    lived_in.sdes("jobs", "run", "backup_take", SDES_BACKUP_TO=str(shelf))
    (name,) = (one.parent.name for one in shelf.glob("*/manifest.json"))
    assert "Every byte of it is as it was written." in lived_in.sdes("backups", "verify", shelf / name)
    (run,) = lived_in.rows("SELECT * FROM backup ORDER BY id DESC LIMIT 1")
    assert (run["name"], run["problem"]) == (name, "")
    assert run["finished_at"]
    said = lived_in.refused("jobs", "run", "backup_take", SDES_BACKUP_TO=str(shelf / name / "manifest.json"))
    assert "cannot be written to" in said
