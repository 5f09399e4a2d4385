"""The virus check as a service: takes what waits, tries again what it cannot decide, and clears up (SD 8.4)."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from sdes.attachments import checking
from sdes.attachments.actions import keep
from sdes.attachments.intake import Intake
from sdes.attachments.scanner import Scanner
from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from tests.attachments.samples import eicar
from tests.support.nudges import Nudges
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

NO_SCANNER = Scanner(Path("/nowhere/clamd.socket"), timeout=1)


async def received(asha: Browser, vault: Vault, content: bytes = b"fine", name: str = "a.txt") -> UUID:
    """A file of Asha's that waits for its check."""
    intake = Intake(vault)
    await intake.begin(name)
    await intake.write(content)
    await intake.end()
    assert intake.refusals == []
    return (await keep(await asha.actor(), intake.received, vault))[0]


async def row_of(file: UUID) -> Any:
    return (await db.fetch("SELECT * FROM attachment WHERE id = $1", file))[0]


async def blobs(vault: Vault) -> list[str]:
    return [blob.key async for blob in vault.blobs.keys()]  # noqa: SIM118 (no dictionary)


@pytest.mark.spec("SD 8.4")
async def test_it_takes_the_file_asked_for_or_the_one_that_waits_longest(
    asha: Browser, vault: Vault, scanner: Scanner
) -> None:
    now = clock.now()
    files = []
    for second in range(3):
        with clock.at(now - timedelta(seconds=10 - second)):
            files.append(await received(asha, vault))
    assert await checking.check(vault, scanner, files[2]) == files[2]
    assert await checking.check(vault, scanner) == files[0]
    assert await checking.check(vault, scanner) == files[1]
    assert await checking.check(vault, scanner) is None
    assert await checking.check(vault, scanner, files[0]) is None, "a verdict is final"
    assert await checking.check(vault, scanner, uuid4()) is None
    for file in files:
        row = await row_of(file)
        assert row["state"] == "clean"
        assert row["checked_at"] is not None
        assert row["wrapped_key"] is not None


@pytest.mark.spec("SD 8.4(b)")
async def test_a_virus_ends_the_file(asha: Browser, vault: Vault, scanner: Scanner) -> None:
    file = await received(asha, vault, eicar())
    await checking.check(vault, scanner)
    row = await row_of(file)
    assert (row["state"], row["wrapped_key"]) == ("failed", None)
    assert row["reason"].startswith("A virus was found in it: ")
    assert await blobs(vault) == []


@pytest.mark.spec("SD 8.4(a)")
async def test_without_a_scanner_it_stays_pending_and_is_tried_ever_more_rarely(
    asha: Browser, vault: Vault, scanner: Scanner
) -> None:
    file = await received(asha, vault)
    moment, waits = clock.now(), []
    for _ in range(9):
        with clock.at(moment):
            assert await checking.check(vault, NO_SCANNER) == file
            assert await checking.check(vault, NO_SCANNER) is None, "not before its next time"
            row = await row_of(file)
            assert row["state"] == "pending"
            waits.append((row["next_attempt_at"] - moment).total_seconds())
            moment = row["next_attempt_at"]
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    with clock.at(moment):
        assert await checking.check(vault, scanner) == file
    assert (await row_of(file))["state"] == "clean"


async def test_a_store_that_does_not_answer_leaves_it_pending(
    asha: Browser, vault: Vault, scanner: Scanner, tmp_path: Path
) -> None:
    file = await received(asha, vault)
    path = tmp_path / "blobs" / (await row_of(file))["blob"]
    path.rename(tmp_path / "away")
    await checking.check(vault, scanner)
    assert (await row_of(file))["state"] == "pending"
    (tmp_path / "away").rename(path)
    with clock.at(clock.now() + checking.LONGEST_WAIT):
        await checking.check(vault, scanner)
    assert (await row_of(file))["state"] == "clean"


async def test_a_store_that_trickles_is_given_up_for_now(
    asha: Browser, vault: Vault, scanner: Scanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "READ_WITHIN", 0.2)
    file = await received(asha, vault)
    path = tmp_path / "blobs" / (await row_of(file))["blob"]
    path.rename(tmp_path / "away")
    os.mkfifo(path)  # whoever reads it waits for ever
    began = time.monotonic()
    await checking.check(vault, scanner)
    assert time.monotonic() - began < 10, "not as long as the store itself would be waited for"
    os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
    found = await row_of(file)
    assert (found["state"], found["attempts"]) == ("pending", 1)
    assert found["next_attempt_at"] > clock.now()


async def test_damaged_content_fails_and_never_passes(
    asha: Browser, vault: Vault, scanner: Scanner, tmp_path: Path
) -> None:
    file = await received(asha, vault, b"x" * 1000)
    path = tmp_path / "blobs" / (await row_of(file))["blob"]
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)
    await checking.check(vault, scanner)
    row = await row_of(file)
    assert (row["state"], row["reason"]) == ("failed", "Its stored content was damaged. Send it again.")


async def test_a_check_that_died_is_taken_up_after_its_lease(asha: Browser, vault: Vault, scanner: Scanner) -> None:
    file = await received(asha, vault)
    now = clock.now()
    await db.fetch(checking._TAKE, now, now + checking.LEASE, None)  # taken, and never heard of again
    with clock.at(now + checking.LEASE - timedelta(seconds=1)):
        assert await checking.check(vault, scanner) is None
    with clock.at(now + checking.LEASE):
        assert await checking.check(vault, scanner) == file


@pytest.mark.spec("SD 8.4")
async def test_what_was_put_off_by_a_clock_that_was_ahead_is_checked_now(
    asha: Browser, vault: Vault, scanner: Scanner
) -> None:
    now, before = clock.now(), await received(asha, vault)
    ahead = now + timedelta(days=1)
    with clock.at(ahead):
        assert await checking.check(vault, NO_SCANNER) == before
    meanwhile = await received(asha, vault)
    await db.fetch("UPDATE attachment SET created_at = $2, next_attempt_at = $2 WHERE id = $1", meanwhile, ahead)
    with clock.at(now + timedelta(minutes=1)):
        assert {await checking.check(vault, scanner) for _ in range(2)} == {before, meanwhile}
    for file in (before, meanwhile):
        assert (await row_of(file))["state"] == "clean"


async def test_while_it_is_checked_nobody_else_takes_it_whenever_it_came(
    asha: Browser, vault: Vault, scanner: Scanner
) -> None:
    """A web machine's clock is ahead of the worker's."""
    now, file = clock.now(), await received(asha, vault)
    await db.fetch("UPDATE attachment SET created_at = $1, next_attempt_at = $1", now + timedelta(days=1))
    with clock.at(now):
        assert await db.fetch(checking._TAKE, now, now + checking.LEASE, None)  # another is at it
        assert await checking.check(vault, scanner) is None
        assert await checking.check(vault, scanner, file) is None
    moment, waits = now + checking.LEASE, []
    for _ in range(6):
        with clock.at(moment):
            assert await checking.check(vault, NO_SCANNER) == file
            assert await checking.check(vault, NO_SCANNER) is None, "not before its next time"
        row = await row_of(file)
        waits.append((row["next_attempt_at"] - moment).total_seconds())
        moment = row["next_attempt_at"]
    assert waits == [10, 20, 40, 80, 160, 300]


async def test_a_received_file_nudges_the_worker(asha: Browser, vault: Vault, nudges: Nudges) -> None:
    async with db.transaction():
        file = await received(asha, vault)
    for callback in db._callbacks.get() or ():
        await callback()
    assert [(job, words["attachment"]) for job, words in nudges.asked] == [("attachments_check", str(file))]


async def test_blobs_that_no_row_knows_go_after_a_day(asha: Browser, vault: Vault, tmp_path: Path) -> None:
    file = await received(asha, vault)
    known = (await row_of(file))["blob"]
    for name in ("aa/old", "bb/young"):
        async with vault.blobs.writer(name) as writer:
            await writer.write(b"x")
    a_day_ago = (clock.now() - checking.GRACE - timedelta(minutes=1)).timestamp()
    for name in ("aa/old", known):
        os.utime(tmp_path / "blobs" / name, (a_day_ago, a_day_ago))
    assert await checking.sweep_blobs(vault) == 1
    assert sorted(await blobs(vault)) == sorted([known, "bb/young"])
    with clock.at(clock.now() + 2 * checking.GRACE):
        assert await checking.sweep_blobs(vault) == 1
    assert await blobs(vault) == [known]
