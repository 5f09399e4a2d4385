"""Killed in the midst of it: a backup leaves nothing that looks whole, a restore no house that opens (SD 7.2)."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from jobs.backup import backup_take
from sdes.backup.shelf import opened
from sdes.embedded.postgres import EmbeddedPostgres
from tests.backup.conftest import Build
from tests.support.houses import House

pytestmark = [pytest.mark.anyio, pytest.mark.drill]


@contextmanager
def held(house: House, table: str, mode: str) -> Iterator[None]:
    """Others wait for `table` within the block."""
    with psycopg.connect(house.owner_url) as connection:
        connection.execute(f"LOCK TABLE {table} IN {mode} MODE")  # type: ignore[arg-type]
        yield


def until(is_so: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    give_up = time.monotonic() + 60
    while not is_so():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < give_up, "it did not come to that"
        time.sleep(0.01)


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL


def waits_for_lock(house: House) -> bool:
    return bool(
        house.rows(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            " AND application_name <> 'pg_restore'"
        )
    )


def is_being_filled(house: House, postgres: EmbeddedPostgres) -> bool:
    """As another database of the server tells."""
    with psycopg.connect(postgres.url("sdes_owner", "postgres")) as connection:
        asked = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'pg_restore' AND datname = %s"
        return bool(connection.execute(asked, [conninfo_to_dict(house.owner_url)["dbname"]]).fetchall())


async def test_a_backup_that_was_killed_is_none(lived_in: House, build: Build, shelf: Path) -> None:
    with held(lived_in, "session", "ACCESS EXCLUSIVE"):  # the dump waits for its shape
        process = lived_in.begin("backup", shelf)
        until(lambda: any(shelf.glob(".unfinished-*/database")) and waits_for_lock(lived_in), process)
        kill(process)
    assert "There are no backups" in lived_in.sdes("backups", "list", shelf)
    (draft,) = shelf.glob(".unfinished-*")
    assert "There is no backup" in build().refused("restore", draft)
    (cut_off,) = lived_in.rows("SELECT finished_at, problem FROM backup ORDER BY id DESC LIMIT 1")
    assert cut_off == {"finished_at": None, "problem": ""}, "it does not count as made"
    lived_in.sdes("backup", shelf)
    (backup,) = (one.parent for one in shelf.glob("*/manifest.json"))
    assert not any(shelf.glob(".unfinished-*"))
    assert "as it was written" in lived_in.sdes("backups", "verify", backup)


async def test_a_nightly_backup_that_takes_too_long_is_told_as_failed(
    lived_in: House, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker ends its job: the next one finds neither a draft nor a process that holds the folder."""
    for name, value in lived_in.environment.items():
        monkeypatch.setenv(name, value)
    async with lived_in.entered():
        await _cut_off_by_its_job(lived_in, shelf)


async def _cut_off_by_its_job(lived_in: House, shelf: Path) -> None:
    with held(lived_in, "session", "ACCESS EXCLUSIVE"):
        job = asyncio.create_task(backup_take({"settings": replace(lived_in.settings, backup_to=shelf)}))
        while not await asyncio.to_thread(lambda: any(shelf.glob(".unfinished-*/database"))):
            assert not job.done(), job.exception()
            await asyncio.sleep(0.05)
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job
        (cut_off,) = lived_in.rows("SELECT * FROM backup ORDER BY id DESC LIMIT 1")
        assert cut_off["finished_at"]
        assert (cut_off["problem"], cut_off["size"]) == ("It was stopped before it was whole.", 0)
        assert sorted(one.name for one in shelf.iterdir()) == [".lock", "files"]
        with opened(shelf):
            pass  # nobody holds it


async def test_a_restore_that_was_killed_opens_no_house_and_is_done_again(
    put_by: Path, lived_in: House, build: Build, postgres: EmbeddedPostgres
) -> None:
    house = build()
    house.sdes("migrate")
    process = house.begin("restore", put_by, "--as-it-was")
    until(lambda: any(house.blobs.glob("??/*")), process)  # before the database is filled
    kill(process)
    assert house.counts()["message"] == 0
    does_not_open(house)

    process = house.begin("restore", put_by, "--as-it-was")  # when it is filled, and has not yet forgotten what it must
    until(lambda: is_being_filled(house, postgres), process)  # nobody else may be connected before
    until(lambda: bool(house.rows("SELECT to_regclass('public.sign_in_attempt') AS there")[0]["there"]), process)
    kill(process)
    does_not_open(house)

    house.sdes("restore", put_by, "--as-it-was")
    before, after = lived_in.counts(), house.counts()
    for table in ("message", "communication", "attachment", "person", "audit_entry"):
        assert after[table] == before[table] + (table == "audit_entry"), table
    assert house.rows("SELECT 1 FROM mail WHERE sent_at IS NULL AND given_up_at IS NULL") == []
    assert "The database is not empty" in house.refused("restore", put_by), "it is done now"


def does_not_open(house: House) -> None:
    """Neither the web application, nor the worker, nor a migration, nor the demo's seed goes on from here."""
    for command in (("migrate",), ("seed", "--demo", "--if-empty"), ("backup", house.home / "shelf"), ("worker",)):
        code, _, complaint = house.tried(*command)
        assert code != 0, command
        assert "A restore into this database is under way, or was cut off" in complaint, (command, complaint)
    code, complaint = web(house)
    assert code != 0
    assert "A restore into this database is under way, or was cut off" in complaint


def web(house: House) -> tuple[int, str]:
    """How the web application ends that is started on this house."""
    start = (
        "import asyncio\nfrom sdes.app import create_app\nasync def go():\n async with create_app().lifespan(): pass"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{start}\nasyncio.run(go())"],
        capture_output=True,
        text=True,
        env=house.environment,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr
