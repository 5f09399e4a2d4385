"""What a restore keeps away: whoever is connected meanwhile, what was deleted for good, and retired keys."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from sdes.attachments.vault import Vault
from sdes.backup.afterwards import end_what_must_not_come_back
from sdes.backup.deletions import notes_at, notes_on
from sdes.backup.emptiness import refuse_others
from sdes.backup.manifest import read
from sdes.backup.shelf import Shelf
from sdes.kit import keyring
from sdes.kit.errors import Refused
from sdes.single_sign_on.actions.keys import public_keys
from tests.backup.conftest import Build
from tests.support.backups import MASTER, put_by_with_files

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)


async def test_a_worker_that_is_connected_is_in_the_way(build: Build) -> None:
    """It has the owner's login, as we have."""
    house = build()
    async with house.entered():
        await refuse_others()
        with psycopg.connect(house.owner_url), pytest.raises(Refused, match="1 other connections to this database"):
            await refuse_others()


@pytest.mark.usefixtures("pool")
async def test_the_web_application_is_in_the_way(build: Build) -> None:
    house = build()
    async with house.entered():
        with psycopg.connect(house.web_url), pytest.raises(Refused, match=r"sdes_owner, sdes_web\. Stop the web"):
            await refuse_others()


@pytest.mark.spec("SD 14.4")
async def test_every_backup_on_the_shelf_tells_of_deletions(shelf: Path) -> None:
    notes = [{f"deletions/{number}": f"words {number}"} for number in range(3)]
    backups = [await put_by_with_files(shelf, NOW + timedelta(days=n), {}, notes[n]) for n in range(3)]
    every = notes[0] | notes[1] | notes[2]
    for backup in backups:
        assert notes_on(Shelf(shelf), backup, MASTER) == every
    assert await notes_at(str(shelf), MASTER) == every
    (backups[0] / "deletions").write_bytes(b"")
    assert notes_on(Shelf(shelf), backups[1], MASTER) == notes[1] | notes[2], "an earlier one keeps nobody from it"
    (backups[2] / "deletions").write_bytes(b"")
    with pytest.raises(Refused, match=f"the later backup {backups[2].name} tells of cannot be read"):
        notes_on(Shelf(shelf), backups[1], MASTER)


@pytest.mark.usefixtures("db")
async def test_a_retired_key_of_the_one_sign_in_signs_no_more(shelf: Path, vault: Vault) -> None:
    keyring.use(vault.master)
    before = (await public_keys())["keys"]
    await end_what_must_not_come_back(read(await put_by_with_files(shelf, NOW, {})))
    after = (await public_keys())["keys"]
    assert len(before) == len(after) == 1
    assert before[0]["kid"] != after[0]["kid"]
