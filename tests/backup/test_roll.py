"""The roll: written where it says anything new, sealed, found by a restore (SD 7.2)."""

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs.backup import backup_keep_roll
from sdes.attachments.checking import sweep_blobs
from sdes.attachments.vault import ROLL, Vault
from sdes.backup import rolls
from sdes.backup.roll import Company, Person, Roll, says
from sdes.kit import clock, db
from sdes.kit.errors import Refused
from tests.support.backups import MASTER, put_by, put_by_with_files
from tests.support.people import Browser
from tests.support.second_factors import with_passkey

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)


@pytest.fixture
def vault(vault: Vault) -> Vault:
    """With the master key of the backups that these tests make."""
    return replace(vault, master=MASTER)


def a_roll(at: datetime) -> Roll:
    somebody = Person(1, "active", True, ["reports"], "who", "secret", "", ["a passkey"], [17])
    return Roll(at, {5: somebody}, {1: Company(True, False, ["a key"])}, {"ees": "a secret"}, ["a provider"])


async def with_roll(shelf: Path, at: datetime, told: Roll) -> Path:
    return await put_by(shelf, at, {rolls.PART: [piece async for piece in rolls.as_part(told)]})


async def beside_the_files(vault: Vault) -> list[str]:
    return [stored.key async for stored in vault.blobs.keys(ROLL)]


@pytest.mark.usefixtures("db")
async def test_it_is_written_where_it_says_anything_new(vault: Vault) -> None:
    await backup_keep_roll({"vault": vault})
    (first,) = await beside_the_files(vault)
    assert not await rolls.keep(vault), "nothing has changed"
    assert await beside_the_files(vault) == [first]
    await db.fetch("UPDATE person SET last_sign_in_at = now(), theme = 'dark' WHERE email_key LIKE 'asha@%'")
    assert not await rolls.keep(vault), "nor has anything that the roll tells of"
    await db.fetch("UPDATE person SET state = 'suspended' WHERE email_key LIKE 'asha@%'")
    with clock.at(clock.now() - timedelta(days=2)):  # the clock was put back
        assert await rolls.keep(vault)
    (second,) = await beside_the_files(vault)
    assert second != first, "one lies there, the newest"


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE person SET password_hash = 'another' WHERE email_key LIKE 'asha@%'",
        "UPDATE person SET functions = '{reports}' WHERE email_key LIKE 'asha@%'",
        "UPDATE person SET is_master_admin = false WHERE email_key LIKE 'mo@%'",
        "DELETE FROM passkey",
        "DELETE FROM assignment WHERE id = (SELECT min(id) FROM assignment)",
        "UPDATE company SET is_qualified = false WHERE kind = 'market'",
        "UPDATE company SET requires_second_factor = NOT requires_second_factor",
    ],
)
async def test_it_tells_of_everything_that_can_be_taken_away(change: str, asha: Browser) -> None:
    await with_passkey(asha)
    before = await says()
    await db.fetch(change)
    assert await says() != before


async def test_it_comes_back_as_it_was_kept(vault: Vault, shelf: Path) -> None:
    """However large: over 1 MiB it takes more than one sealed piece."""
    odd = [os.urandom(8).hex() for _ in range(150_000)]
    large = replace(a_roll(NOW), providers=odd)
    name = f"{ROLL}/20261102T010000000000Z-0123456789abcdef"
    content = rolls.roll.sealed(MASTER, name, large)
    assert len(content) > 1 << 20, "more than one piece"
    assert rolls.roll.opened(MASTER, name, content) == large
    assert b"a passkey" not in content


async def test_the_newest_is_found_wherever_it_lies(vault: Vault, shelf: Path, tmp_path: Path) -> None:
    first, second, third = (a_roll(NOW + timedelta(days=n)) for n in range(3))
    older = await with_roll(shelf, first.at, first)
    assert await rolls.newest(older, vault) is None, "its own tells nothing that it has not itself"
    await put_by_with_files(shelf, NOW + timedelta(hours=1), {})  # as earlier versions have made them
    newer = await with_roll(shelf, second.at, second)
    await put_by_with_files(shelf, NOW + timedelta(days=1, hours=1), {})
    assert await rolls.newest(older, vault) == second
    assert await rolls.newest(newer, vault) is None
    alone = tmp_path / "alone" / older.name
    shutil.copytree(older, alone)
    assert await rolls.newest(alone, vault) is None
    assert await rolls.newest(alone, vault, str(shelf)) == second
    name = f"{ROLL}/20261104T010000000000Z-0123456789abcdef"
    async with vault.blobs.writer(name) as blob:
        await blob.write(rolls.roll.sealed(MASTER, name, third))
    assert await rolls.newest(older, vault) == third
    other = replace(vault, blobs=rolls.open_store(str(tmp_path / "other")))
    assert vault.blobs.folder
    assert await rolls.newest(alone, other, str(vault.blobs.folder)) == third
    assert await rolls.newest(alone, other, f"file://{vault.blobs.folder}") == third


async def test_one_that_was_altered_is_refused_and_told_what_to_do(vault: Vault, shelf: Path) -> None:
    older = await with_roll(shelf, NOW, a_roll(NOW))
    newer = await with_roll(shelf, NOW + timedelta(days=1), a_roll(NOW + timedelta(days=1)))
    (newer / rolls.PART).write_bytes(b"")
    with pytest.raises(Refused, match=rf"The roll of the later backup {newer.name} .* --as-it-was"):
        await rolls.newest(older, vault)
    shutil.rmtree(newer)
    name, other = f"{ROLL}/20261104T010000000000Z-abc", f"{ROLL}/20261104T010000000000Z-abd"
    async with vault.blobs.writer(other) as blob:
        await blob.write(rolls.roll.sealed(MASTER, name, a_roll(NOW)))
    with pytest.raises(Refused, match=rf"The roll {other} beside the files .* --as-it-was"):
        await rolls.newest(older, vault)


@pytest.mark.usefixtures("db")
async def test_nobody_tidies_it_away(vault: Vault) -> None:
    await rolls.keep(vault)
    async with vault.blobs.writer("ab/of-nobody") as blob:
        await blob.write(b"cut off")
    with clock.at(clock.now() + timedelta(days=30)):
        assert await sweep_blobs(vault) == 1
    assert await beside_the_files(vault)
