"""A house put by while people send, and an older backup restored after a deletion: what is there is whole, and what was
deleted for good is nowhere (SD 7.2, 14.4, SL 7)."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from sdes.backup.deletions import notes_at, notes_in
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.settings import Settings
from tests.backup.conftest import Build
from tests.support.communications import replied, sent
from tests.support.continuity import commands, placed
from tests.support.houses import House
from tests.support.own_database import they_commit
from tests.support.people import Browser
from tests.support.traces import traces

pytestmark = [pytest.mark.anyio, pytest.mark.drill]

DATABASE = "sdes_put_by"
WORDS = {"subject": "Wombatine", "text": "Xylophonic", "reply": "Quokkaesque", "tag": "narwhalish", "file": "platypus"}
CONTENT = b"marsupialia, which nobody may ever read again"

_HALF = """
SELECT c.reference FROM communication c
 WHERE c.message_count <> (SELECT count(*) FROM message m WHERE m.communication = c.id)
    OR 2 <> (SELECT count(*) FROM communication_party p WHERE p.communication = c.id)
    OR c.message_count <> (SELECT max(m.number) FROM message m WHERE m.communication = c.id)
"""
_FILES = """
SELECT c.reference, m.number, a.name, a.blob FROM message_attachment x
  JOIN message m ON m.id = x.message JOIN communication c ON c.id = m.communication
  JOIN attachment a ON a.id = x.attachment
"""


@pytest.fixture
async def house(postgres: EmbeddedPostgres, settings: Settings) -> House:
    return House(settings.home, postgres.url("sdes_owner", DATABASE), postgres.url("sdes_web", DATABASE))


@pytest.fixture
async def at_work(
    house: House, postgres: EmbeddedPostgres, pool: None, app: Litestar, settings: Settings
) -> AsyncIterator[list[Browser]]:
    people = ["asha@brightwatt.example", "nils@northgrid.example"]
    async with they_commit(people, DATABASE, postgres, app, settings) as browsers:
        yield browsers


async def one_more(at_work: list[Browser], number: int) -> str:
    """A communication with a file on either side; gives its reference."""
    asha, nils = at_work
    reference = await sent(asha, [(f"asked-{number}.txt", f"asked in {number}".encode() * 5000)])
    await replied(nils, reference, f"Answer {number}", [(f"told-{number}.txt", f"told in {number}".encode() * 5000)])
    return reference


async def put_by(house: House, shelf: Path) -> Path:
    await asyncio.to_thread(house.sdes, "backup", shelf)
    return max(one.parent for one in shelf.glob("2*/manifest.json"))


@pytest.mark.spec("SD 7.2")
@pytest.mark.spec("SD 14.4")
@pytest.mark.spec("SL 7")
async def test_put_by_at_work_and_restored_after_a_deletion(
    house: House, at_work: list[Browser], build: Build, shelf: Path, tmp_path: Path
) -> None:
    key = (house.home / "master.key").read_bytes()
    asha, nils = at_work
    doomed = await sent(asha, [(f"{WORDS['file']}.txt", CONTENT)], subject=WORDS["subject"], text=WORDS["text"])
    await replied(nils, doomed, WORDS["reply"], tag=WORDS["tag"])
    before = [await one_more(at_work, 0)]

    taking = asyncio.create_task(put_by(house, shelf))
    meanwhile = []
    while not taking.done():
        meanwhile.append(await one_more(at_work, len(meanwhile) + 1))
    older = await taking
    alone = tmp_path / "alone"  # another shelf, on which nothing tells of the deletion
    shutil.copytree(shelf, alone)
    assert len(meanwhile) > 2
    after = await one_more(at_work, 9999)

    house.rows("UPDATE communication SET archived_at = now() - interval '31 days' WHERE reference = %s", doomed)
    await asyncio.to_thread(house.sdes, "jobs", "run", "sdep_delete")
    await asyncio.to_thread(house.sdes, "jobs", "run", "backup_keep_roll")
    newer = await put_by(house, shelf)
    assert newer.name > older.name

    from_shelf = build(key)
    said = await asyncio.to_thread(from_shelf.sdes, "restore", older)
    assert "1 communications that had been deleted for good were deleted again." in said
    await is_whole(from_shelf)
    there = {row["reference"] for row in from_shelf.rows("SELECT reference FROM communication")}
    assert set(before) <= there, "what was acknowledged before the backup began is in it"
    assert after not in there
    assert await left_of(from_shelf) == {}

    told = build(key)
    command = placed(commands("2. In the empty house")[0], alone, older.name, house.blobs)
    assert "1 communications that had been deleted" in await asyncio.to_thread(told.sdes, *command)
    assert await left_of(told) == {}

    beside = replace(build(key), store=house.blobs)  # the database was lost, the store of files was not
    await asyncio.to_thread(beside.sdes, "restore", alone / older.name)
    assert await left_of(beside) == {}
    assert await notes_at(str(house.blobs), house.vault.master) == await notes_in(house.vault.blobs)
    assert await notes_at(str(shelf), house.vault.master) == await notes_in(house.vault.blobs) != {}

    untold = build(key)
    said = await asyncio.to_thread(untold.sdes, "restore", alone / older.name, "--as-it-was")
    assert "0 communications that had been deleted" in said
    found = await left_of(untold)
    assert found.keys() == set(WORDS.values()), "the search would find what is there"


async def is_whole(house: House) -> None:
    """Nothing half, and every file reads as it was sent."""
    assert house.rows(_HALF) == []
    assert house.rows("SELECT 1 FROM attachment WHERE state = 'failed'") == []
    contents = await house.contents()
    files: list[dict[str, Any]] = house.rows(_FILES)
    assert len(files) == len(contents) > 4
    for file in files:
        kind, number = file["name"].removesuffix(".txt").split("-")
        assert contents[file["blob"]] == f"{kind} in {number}".encode() * 5000, file
        assert file["number"] == {"asked": 1, "told": 2}[kind], file
    sides = [row["n"] for row in house.rows("SELECT count(*) AS n FROM message GROUP BY communication")]
    assert set(sides) <= {1, 2}


async def left_of(house: House) -> dict[str, set[str]]:
    """Where words of the deleted communication are found: in the database, in the store, and in files as they read."""
    async with house.entered():
        found = await traces(WORDS.values(), house.vault, samples=True)
    assert (CONTENT in (await house.contents()).values()) == bool(found[WORDS["file"]])
    return {word: places for word, places in found.items() if places}
