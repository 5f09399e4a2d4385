"""The blob store in a local folder; what must hold in Azure too is in `blobstore_contract`."""

import asyncio
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sdes.kit import blobs as blobs_module
from sdes.kit.blobs import MARK, Blobs
from sdes.kit.blobstores import azure_options, open_store
from sdes.kit.errors import Full, Unavailable
from tests.kit import blobstore_contract

pytestmark = pytest.mark.anyio
MIB = 1 << 20


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return open_store(f"file://{tmp_path}/blobs")


@pytest.mark.parametrize("name", blobstore_contract.ALL)
async def test_contract(name: str, blobs: Blobs) -> None:
    await blobstore_contract.ALL[name](blobs)


async def test_files_are_private(blobs: Blobs, tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        async with blobs.writer("ab/one") as writer:
            await writer.write(b"x")
    finally:
        os.umask(umask)
    root = tmp_path / "blobs"
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (root, *root.rglob("*"))}
    assert modes == {"blobs": "0o700", "ab": "0o700", "one": "0o600", MARK: "0o600"}


async def test_a_store_that_does_not_come_to_an_end_is_waited_for_no_longer(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs_module, "PATIENCE", 0.2)
    endless = tmp_path / "blobs" / "endless"
    os.mkfifo(endless)
    began = time.monotonic()
    with pytest.raises(Unavailable, match="cannot be read now"):
        await blobs.read_range("endless", 0, 100)
    assert time.monotonic() - began < 5
    os.close(os.open(endless, os.O_WRONLY | os.O_NONBLOCK))  # and the thread goes on


async def test_a_folder_that_has_gone_is_not_made_anew(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "blobs").rename(tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        await blobs.ping()
    with pytest.raises(Unavailable):
        async with blobs.writer("one") as writer:
            await writer.write(b"x")
    (tmp_path / "blobs").mkdir()
    with pytest.raises(Unavailable):
        await blobs.ping()


async def test_an_aborted_write_leaves_no_file(blobs: Blobs, tmp_path: Path) -> None:
    writer = blobs.writer("one")
    await writer.write(os.urandom(3 * MIB))
    await writer.abort()
    assert await _empties(tmp_path / "blobs")


async def _empties(folder: Path) -> bool:
    """The partial file goes a moment after it was dropped."""
    for _ in range(100):
        if [path.name for path in folder.iterdir()] == [MARK]:
            return True
        await asyncio.sleep(0.02)
    return False


async def test_a_folder_that_is_gone_or_closed(blobs: Blobs, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "blobs").rename(tmp_path / "away")
    (tmp_path / "blobs").write_text("a file in the folder's place")
    with caplog.at_level(logging.ERROR), pytest.raises(Unavailable, match="nothing was saved"):
        async with blobs.writer("one") as writer:
            await writer.write(b"x")
    assert "blob store: " in caplog.text
    with pytest.raises(Unavailable):
        await blobs.ping()
    with pytest.raises(Unavailable, match="cannot be read now"):
        await blobs.read_range("one", 0, 1)
    (tmp_path / "blobs").unlink()
    (tmp_path / "away").rename(tmp_path / "blobs")
    await blobs.ping()


async def test_a_full_disk(blobs: Blobs, tmp_path: Path) -> None:
    """A limit of file size stands in for the full disk: the write fails in the same place."""
    script = """
import asyncio, os, resource, signal, sys
from sdes.kit.blobstores import open_store
from sdes.kit.errors import Unavailable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))
async def main():
    blobs = open_store(sys.argv[1])
    try:
        async with blobs.writer("one") as writer:
            for _ in range(5):
                await writer.write(os.urandom(1 << 20))
    except Unavailable as error:
        print(error)
    print([stored.key async for stored in blobs.keys()])
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script, f"{tmp_path}/blobs"],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": "src"},
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == (
        "The store of attachments does not answer, so nothing was saved. Try again in a few minutes.\n[]\n"
    )
    assert [path.name for path in (tmp_path / "blobs").iterdir()] == [MARK]


async def test_a_disk_with_little_room_is_told(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    await blobs.ping()
    monkeypatch.setattr(blobs_module, "_room", lambda folder: (20 << 20) - 1)
    with pytest.raises(Full, match="nothing can be added"):
        await blobs.ping()


async def test_a_store_that_hangs_leaves_the_threads_of_others_alone(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(blobs_module.obstore, "get_range", lambda *_, **__: goes_on.wait(30))
    readers = [asyncio.create_task(blobs.read_range("one", 0, 1)) for _ in range(40)]
    try:
        await asyncio.sleep(0)
        await asyncio.wait_for(asyncio.to_thread(int), 5)
    finally:
        goes_on.set()
        await asyncio.gather(*readers, return_exceptions=True)


def test_partial_files_of_a_killed_program_are_removed_after_a_day(tmp_path: Path) -> None:
    folder = tmp_path / "blobs"
    folder.mkdir()
    for name, age in (("old#1", 25 * 3600), ("fresh#1", 60), ("whole", 25 * 3600)):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (time.time() - age,) * 2)
    open_store(str(folder))
    assert {path.name for path in folder.iterdir()} == {"fresh#1", "whole", MARK}


@pytest.mark.parametrize(
    "url", ["ftp://host/x", "s3://bucket", "relative/folder", "az://files", "https://example.org/x"]
)
def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="blob store"):
        open_store(url, "a2V5")


def test_azure_urls() -> None:
    container, options = azure_options(urlsplit("https://brightstore.blob.core.windows.net/files"), "a2V5")
    assert container == "files"
    assert options == {
        "account_name": "brightstore",
        "account_key": "a2V5",
        "endpoint": "https://brightstore.blob.core.windows.net",
    }
    text = "DefaultEndpointsProtocol=https;AccountName=one;AccountKey=a2V5==;EndpointSuffix=core.windows.net"
    assert azure_options(urlsplit("az://files"), text)[1] == {
        "account_name": "one",
        "account_key": "a2V5==",
        "endpoint": "https://one.blob.core.windows.net",
    }
