"""`sdes run` as a person sees it: it starts, tells where, stops at one Ctrl-C, and starts again with its data."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Run:
    """One `sdes run` with its home in `home`; what it prints is in `text`."""

    def __init__(self, home: Path, port: int) -> None:
        ours = {"DATABASE_URL", "DATABASE_OWNER_URL", "CLAMD_SOCKET", "SDES_DEMO_PASSWORD", "BLOB_URL"}
        environment = {name: value for name, value in os.environ.items() if name not in ours}
        environment |= {"SDES_HOME": str(home), "PORT": str(port)}
        self.output = home.with_suffix(".txt")
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sdes", "run"], stdout=output, stderr=output, env=environment
            )

    @property
    def text(self) -> str:
        return self.output.read_text()

    def wait_until_ready(self) -> None:
        give_up = time.monotonic() + 120
        while "Stop it with Ctrl-C" not in self.text:
            assert self.process.poll() is None, self.text
            assert time.monotonic() < give_up, self.text
            time.sleep(0.1)

    def stop(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        assert self.process.wait(30) == 0, self.text
        assert "SDES has stopped. Its data is kept." in self.text
        assert "Traceback" not in self.text


def sign_in_page(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/sign-in")
    return connection.getresponse().status


def test_it_starts_stops_and_starts_again(tmp_path: Path, port: int) -> None:
    home = tmp_path / "home"
    sign_ins = []
    for how in (signal.SIGINT, signal.SIGTERM):
        run = Run(home, port)
        try:
            run.wait_until_ready()
            assert f"http://127.0.0.1:{port}" in run.text
            assert sign_in_page(port) == 200
            assert (home / "public-url").read_text() == f"http://localhost:{port}\n"
            sign_ins.append([line for line in run.text.splitlines() if "@brightwatt.example" in line])
            run.stop(how)
        finally:
            run.process.kill()
    assert sign_ins[0] == sign_ins[1] != []
    for log in (home / "log").glob("*.log"):
        assert "Traceback" not in log.read_text(), log


def test_a_taken_port_is_told_before_anything_is_started(tmp_path: Path, port: int) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        run = Run(tmp_path / "home", port)
        assert run.process.wait(30) == 1
    assert re.search(f"Port {port} is in use .* PORT={port + 1} make run", run.text)
    assert not (tmp_path / "home").exists()
