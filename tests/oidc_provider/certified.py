"""Installs and starts a certified OpenID Connect provider, and a certified client of ours, for the tests."""

import asyncio
import hashlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urljoin

import httpx

HERE = Path(__file__).resolve().parent


class ProviderMissing(Exception):
    """The provider cannot be had; the text says what to install."""


def install() -> None:
    """Installs the locked packages into node_modules beside this file, unless they are there.

    Raises ProviderMissing with a sentence where node or npm is missing or the packages cannot be fetched.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise ProviderMissing(
                f"The test of signing in elsewhere needs {program}, which is not installed. "
                "Install it and run the tests again: sudo apt-get install nodejs npm"
            )
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    mark = HERE / "node_modules" / ".installed"
    if not (mark.exists() and mark.read_text() == lock):
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise ProviderMissing(f"It could not be installed with “{' '.join(command)}”: {done.stderr[-500:]}")
        mark.write_text(lock)


@contextmanager
def running(client_id: str, secret: str, redirect_uri: str) -> Iterator[str]:
    """The provider with one client; gives its issuer."""
    install()
    port = _free_port()
    command = ["node", str(HERE / "provider.mjs"), str(port), client_id, secret, redirect_uri]
    process = subprocess.Popen(
        command,
        cwd=HERE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"]},
    )
    try:
        _await(process, f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@asynccontextmanager
async def client_of(
    issuer: str, client_id: str, secret: str, redirect_uri: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The client at work: it writes where the browser is to go, is told where it came back to, and writes what it knows
    of the person then, as JSON."""
    install()
    words = [issuer, client_id, secret, redirect_uri]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "node", str(HERE / "client.mjs"), *words, stdin=pipe, stdout=pipe, env={"PATH": os.environ["PATH"]}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def signed_in(address: str, person: str, until: str) -> str:
    """Signs the person in at the provider, from the `address` at which a browser arrives; gives the address that it is
    sent back to, which begins with `until`."""
    async with httpx.AsyncClient(timeout=30) as browser:
        answer = await browser.get(address)
        for _ in range(20):
            if answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if address.startswith(until):
                    return address
                answer = await browser.get(address)
                continue
            action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
            assert action, answer.text
            assert prompt, answer.text
            form = {"prompt": prompt[1], "login": person, "password": "any"}
            answer = await browser.post(urljoin(str(answer.url), action[1]), data=form)
    raise AssertionError(f"was not sent back: {answer.text}")


def _await(process: "subprocess.Popen[bytes]", address: str) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and process.poll() is None:
        try:
            httpx.get(f"{address}/.well-known/openid-configuration", timeout=2)
            return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise ProviderMissing("The provider did not start within a minute.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
