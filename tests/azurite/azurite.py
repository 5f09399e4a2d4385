"""Installs and starts Azurite, Microsoft's emulator of Azure Blob Storage, for the tests."""

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError

HERE = Path(__file__).resolve().parent
ACCOUNT = "devstoreaccount1"
CONTAINER = "files"


class AzuriteMissing(Exception):
    """The emulator cannot be had; the text says what to install."""


def install() -> Path:
    """Installs the locked packages into node_modules beside this file, unless they are there; gives its program.

    Raises AzuriteMissing with a sentence where node or npm is missing or the packages cannot be fetched.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise AzuriteMissing(
                f"The test of Azure Blob Storage needs {program}, which is not installed. "
                "Install it and run the tests again: sudo apt-get install nodejs npm"
            )
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    mark, main = HERE / "node_modules" / ".installed", HERE / "node_modules/azurite/dist/src/blob/main.js"
    if not (main.exists() and mark.exists() and mark.read_text() == lock):
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0 or not main.exists():
            raise AzuriteMissing(f"Azurite could not be installed with “{' '.join(command)}”: {done.stderr[-500:]}")
        mark.write_text(lock)
    return main


@contextmanager
def running(key: str) -> Iterator[str]:
    """A fresh emulator in memory whose one account has the `key` (base64); gives the URL of its container."""
    main, port = install(), _free_port()
    with tempfile.TemporaryDirectory(prefix="sdes-azurite-") as folder:
        command = ["node", str(main), "--blobHost", "127.0.0.1", "--blobPort", str(port), "--silent"]
        command += ["--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence"]
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "AZURITE_ACCOUNTS": f"{ACCOUNT}:{key}"},
        )
        try:
            _await(process, port)
            yield f"az://{CONTAINER}?account_name={ACCOUNT}&endpoint=http://127.0.0.1:{port}/{ACCOUNT}"
        finally:
            process.terminate()
            process.wait(10)


def _await(process: "subprocess.Popen[bytes]", port: int) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
            return
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.05)
    raise AzuriteMissing("Azurite did not start within a minute.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
