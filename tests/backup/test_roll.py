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
from sdes.backup.roll import Company, Person, Roll, called, says
from sdes.kit import clock, db
from sdes.kit.errors import Refused
from sdes.settings import Settings
from tests.backup.conftest import Build
from tests.support.backups import MASTER, put_by, put_by_with_files
from tests.support.people import Browser
from tests.support.second_factors import with_passkey

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
KEPT = timedelta(days=30)
ANOTHER_HOUSE = "UPDATE migration SET ran_on = ran_on + interval '1 minute'"


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
async def test_it_is_written_where_it_says_anything_new(vault: Vault, settings: Settings) -> None:
    await backup_keep_roll({"vault": vault, "settings": settings})
    (first,) = await beside_the_files(vault)
    assert not await rolls.keep(vault, KEPT), "nothing has changed"
    assert await beside_the_files(vault) == [first]
    await db.fetch("UPDATE person SET last_sign_in_at = now(), theme = 'dark' WHERE email_key LIKE 'asha@%'")
    assert not await rolls.keep(vault, KEPT), "nor has anything that the roll tells of"
    await db.fetch("UPDATE person SET state = 'suspended' WHERE email_key LIKE 'asha@%'")
    with clock.at(clock.now() - timedelta(days=2)):  # the clock was put back
        assert await rolls.keep(vault, KEPT)
    (second,) = await beside_the_files(vault)
    assert second != first, "that of a later moment would pass for the newest"


@pytest.mark.usefixtures("db")
async def test_earlier_ones_are_kept_as_long_as_backups(vault: Vault) -> None:
    begun = clock.now()
    for number in range(3):
        await db.fetch("UPDATE person SET functions = ARRAY[$1::text] WHERE email_key LIKE 'asha@%'", f"f{number}")
        with clock.at(begun + timedelta(days=number * 20)):
            assert await rolls.keep(vault, KEPT)
    there = await beside_the_files(vault)
    assert [name[5:13] for name in sorted(there)] == [f"{begun + timedelta(days=n):%Y%m%d}" for n in (20, 40)]


def test_of_days_before_yesterday_the_last_is_kept() -> None:
    names = [f"{ROLL}/{NOW + timedelta(hours=n):%Y%m%dT%H%M%S%fZ}-ours-{n}" for n in (-170, -100, -75, -74, -20, -1, 3)]
    gone = {names.index(name) for name in rolls._of_no_use(names, NOW, timedelta(days=7))}
    assert gone == {0, 2, 6}, "too old; not the last of its day; of a clock that was put back"
    assert rolls._of_no_use(names, NOW, None) == names[-1:], "by a wrong clock"


@pytest.mark.usefixtures("db")
async def test_a_house_with_nobody_in_it_writes_none_and_removes_none(vault: Vault) -> None:
    """Such as a database that was made anew after a disaster, at which a worker was started."""
    assert await rolls.keep(vault, KEPT)
    there = await beside_the_files(vault)
    await db.fetch("TRUNCATE person CASCADE")
    assert not await rolls.keep(vault, KEPT)
    assert await beside_the_files(vault) == there


@pytest.mark.usefixtures("db")
async def test_another_house_removes_none(vault: Vault) -> None:
    assert await rolls.keep(vault, KEPT)
    (there,) = await beside_the_files(vault)
    await db.fetch(ANOTHER_HOUSE)
    with clock.at(clock.now() + timedelta(days=60)):
        assert await rolls.keep(vault, KEPT), "its own, though it says the same"
    assert there in await beside_the_files(vault)
    assert len(await beside_the_files(vault)) == 2


@pytest.mark.usefixtures("db")
async def test_the_newest_of_the_backups_own_house_is_found(vault: Vault, shelf: Path, tmp_path: Path) -> None:
    ours = await called()
    older = await with_roll(shelf, ours.at - timedelta(days=1), replace(ours, at=ours.at - timedelta(days=1)))
    await rolls.keep(vault, KEPT)
    await db.fetch(ANOTHER_HOUSE)
    with clock.at(ours.at + timedelta(days=1)):
        await rolls.keep(vault, KEPT)
        theirs = await called()
    assert theirs.house != ours.house
    await with_roll(shelf, theirs.at, theirs)
    elsewhere = replace(vault, blobs=rolls.open_store(str(tmp_path / "elsewhere")))
    for found in (
        await rolls.newest(older, vault),
        await rolls.newest(older, elsewhere, str(vault.blobs.folder)),
    ):
        assert found
        assert found.house == ours.house
    assert await rolls.newest(older, elsewhere, str(shelf)) is not None, "its own lies there"
    alone = tmp_path / "alone" / older.name
    shutil.copytree(older, alone)
    for path in shelf.glob("2*"):
        if path != older and path.is_dir():
            assert await rolls.newest(alone, elsewhere, str(shelf)) == replace(ours, at=ours.at - timedelta(days=1))


@pytest.mark.usefixtures("db")
async def test_one_is_needed_where_the_house_kept_one() -> None:
    own = await called()
    later, earlier = replace(own, at=own.at + timedelta(hours=1)), replace(own, at=own.at - timedelta(days=1))
    for told in (later, earlier, replace(later, people={})):
        rolls.refuse_lacking(own, told)
    rolls.refuse_lacking(None, None)  # a backup of an earlier version
    for lacking in (None, replace(earlier, clients={"another": ""})):
        with pytest.raises(Refused, match=r"No roll tells what was taken away .* --deletions.* --as-it-was"):
            rolls.refuse_lacking(own, lacking)


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
        "UPDATE market_participant SET effective_to = '2030-01-01' WHERE effective_to IS NULL",
    ],
)
async def test_it_tells_of_everything_that_can_be_taken_away(change: str, asha: Browser) -> None:
    await with_passkey(asha)
    before = await says()
    await db.fetch(change)
    assert await says() != before


async def test_it_is_of_one_moment(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is changed while it is called is on it as before, with all that they had."""
    house, lists = build(), rolls.roll._lists
    house.sdes("migrate")

    async def and_meanwhile(sql: str) -> dict[int, list[str]]:
        found = await lists(sql)
        house.rows("INSERT INTO company (name, created_at) VALUES ('Newcomer', now()) ON CONFLICT DO NOTHING")
        return found

    monkeypatch.setattr(rolls.roll, "_lists", and_meanwhile)
    async with house.entered():
        assert (await called()).companies == {}
        assert len((await called()).companies) == 1


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
    await rolls.keep(vault, KEPT)
    async with vault.blobs.writer("ab/of-nobody") as blob:
        await blob.write(b"cut off")
    with clock.at(clock.now() + timedelta(days=30)):
        assert await sweep_blobs(vault) == 1
    assert await beside_the_files(vault)
