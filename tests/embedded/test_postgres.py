"""The embedded PostgreSQL: it starts anywhere, keeps its data, and never outlives or hinders anybody."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psycopg
import pytest

from sdes.embedded.postgres import EmbeddedPostgres, Urls
from sdes.embedded.refusal import CannotStart

pytestmark = pytest.mark.anyio

START_AND_WAIT = """
import sys, time
from pathlib import Path
from sdes.embedded.postgres import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]), fsync=False)
postgres.start()
print(postgres.pid)
print(postgres.url("sdes_owner", "sdes"), flush=True)
time.sleep(60)
"""


def started(home: Path, *, fsync: bool = False) -> tuple[EmbeddedPostgres, Urls]:
    postgres = EmbeddedPostgres(home, fsync=fsync)
    return postgres, postgres.start()


async def ask(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if holds():
            return True
        time.sleep(0.05)
    return False


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


async def test_both_logins_connect_and_the_data_is_kept(tmp_path: Path) -> None:
    postgres, urls = started(tmp_path)
    with stopped_after(postgres):
        await ask(urls.owner_url, "CREATE TABLE kept AS SELECT 42 AS answer")
        may = (
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert await ask(urls.owner_url, may) is True
        assert await ask(urls.web_url, may) is False
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(urls.web_url, "SELECT answer FROM kept")
        assert await ask(urls.web_url, "SHOW listen_addresses") == ""
        assert await ask(urls.web_url, "SELECT lower('É') || (to_tsvector('simple', 'Über'))::text") == "é'über':1"
        with psycopg.connect(urls.web_url) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("sdes_web",)
    assert not postgres.is_running()
    postgres, urls = started(tmp_path)
    with stopped_after(postgres):
        assert await ask(urls.owner_url, "SELECT answer FROM kept") == 42


async def test_it_ends_when_its_starter_is_killed_and_the_next_start_finds_the_data(tmp_path: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", START_AND_WAIT, str(tmp_path)], stdout=subprocess.PIPE)
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    url = starter.stdout.readline().decode().strip()
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    starter.kill()
    starter.wait()
    assert within(10, lambda: is_gone(pid))
    postgres, urls = started(tmp_path)
    with stopped_after(postgres):
        assert await ask(urls.owner_url, "SELECT answer FROM kept") == 42


async def test_it_starts_after_it_was_killed_itself(tmp_path: Path) -> None:
    postgres, urls = started(tmp_path, fsync=True)
    with stopped_after(postgres):
        await ask(urls.owner_url, "CREATE TABLE kept AS SELECT 42 AS answer")
        assert postgres.pid is not None
        os.kill(postgres.pid, signal.SIGKILL)
        assert within(5, lambda: not postgres.is_running())
        postgres.stop()
        urls = postgres.start()
        assert await ask(urls.owner_url, "SELECT answer FROM kept") == 42


async def test_a_server_that_somebody_left_running_is_stopped_first(tmp_path: Path) -> None:
    left, _ = started(tmp_path)
    pid = left.pid
    assert pid is not None
    assert left._lock is not None
    left._lock.close()  # as the kernel does when its starter is killed
    postgres, urls = started(tmp_path)
    with stopped_after(postgres):
        assert is_gone(pid)
        assert await ask(urls.web_url, "SELECT 1") == 1
    left.stop()


@pytest.mark.parametrize("pid", [os.getpid(), 4_000_000, 0], ids=["another program", "nobody", "nonsense"])
async def test_a_stale_pid_file_does_not_hinder(tmp_path: Path, pid: int) -> None:
    postgres, _ = started(tmp_path)
    postgres.stop()
    (postgres.data / "postmaster.pid").write_text(f"{pid}\n{postgres.data}\n1700000000\n5432\n\n\n1 1\nready\n")
    postgres, urls = started(tmp_path)
    with stopped_after(postgres):
        assert await ask(urls.web_url, "SELECT 1") == 1


async def test_only_one_may_use_a_home(tmp_path: Path) -> None:
    postgres, urls = started(tmp_path)
    with stopped_after(postgres):
        with pytest.raises(CannotStart, match=f"in use already, by process {os.getpid()}"):
            started(tmp_path)
        assert await ask(urls.web_url, "SELECT 1") == 1


async def test_a_private_folder_above_stays_private(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    postgres, urls = started(private / "home")
    with stopped_after(postgres):
        assert await ask(urls.web_url, "SELECT 1") == 1
    assert private.stat().st_mode & 0o777 == 0o700
    assert postgres.folder.stat().st_mode & 0o777 == 0o700


async def test_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    postgres, urls = started(tmp_path / ("a long name with spaces & signs " * 4))
    with stopped_after(postgres):
        assert await ask(urls.web_url, "SELECT 1") == 1
        assert "host=/tmp/sdes-" in urls.web_url


async def test_a_broken_off_first_start_is_begun_anew(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path, fsync=False)
    half = postgres.folder / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    urls = postgres.start()
    with stopped_after(postgres):
        assert await ask(urls.web_url, "SELECT 1") == 1


async def test_data_of_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path, fsync=False)
    postgres.data.mkdir(parents=True)
    (postgres.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(CannotStart, match="was written by PostgreSQL 16"):
        postgres.start()
    assert (postgres.data / "PG_VERSION").read_text() == "16\n"


@contextmanager
def stopped_after(postgres: EmbeddedPostgres) -> Iterator[None]:
    try:
        yield
    finally:
        postgres.stop()
